import Testing
import Tokens

@testable import Sampling

/// A parameter of a built-in sampler.
struct Declared: CustomTestStringConvertible {
  var stage: StageDescriptor
  var parameter: ParameterDescriptor
  var testDescription: String { "\(stage.name).\(parameter.name)" }

  static let all = SamplerRegistry.builtIn.descriptors.flatMap { stage in
    stage.parameters.map { Declared(stage: stage, parameter: $0) }
  }

  /// A value that is in range and not the default.
  var other: ParameterValue {
    switch parameter.kind {
    case .number(let range):
      .number(parameter.defaultValue == .number(range.lowerBound) ? range.upperBound : range.lowerBound)
    case .integer(let range):
      .integer(parameter.defaultValue == .integer(range.lowerBound) ? range.upperBound : range.lowerBound)
    case .biases: .biases([TokenBias(token: 3, bias: -1)])
    case .sequences: .sequences([[4, 5]])
    }
  }
}

@Suite("What a built-in sampler declares is what users can say") struct DeclarationTests {
  @Test("The names that requests, presets and model files use stay what they are")
  func settingNames() {
    let promised: Set = [
      "adaptive_decay", "adaptive_target", "dry_allowed_length", "dry_base", "dry_multiplier",
      "dry_penalty_last_n", "dry_sequence_breakers", "dynatemp_exponent", "dynatemp_range",
      "epsilon_cutoff", "eta_cutoff", "frequency_penalty", "keep_ties", "logit_bias", "min_keep", "min_p",
      "mirostat", "mirostat_eta", "mirostat_tau", "no_repeat_ngram_size", "penalty_last_n",
      "penalty_prompt", "presence_penalty", "repetition_penalty", "temperature", "top_k", "top_n_sigma",
      "top_p", "typical_p", "xtc_probability", "xtc_threshold",
    ]
    let names = SettingName.allCases.map(\.rawValue)
    #expect(Set(names).isSuperset(of: promised))
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || $0 == 95 } })
  }

  @Test(
    "Names that code spells are settings",
    arguments: [
      SettingName.mirostat, .temperature, .topK, .topP, .minP, .typicalP, .penaltyLastN, .repetitionPenalty,
      .presencePenalty, .frequencyPenalty, .penaltyPrompt, .logitBias, .drySequenceBreakers, .keepTies,
    ])
  func spelled(name: SettingName) throws {
    #expect(try SettingName(named: name.rawValue) == name)
    #expect(SettingName.allCases.contains(name))
  }

  @Test("Other tools' names mean one setting each, and hide none")
  func aliases() throws {
    let known = [
      "temp": "temperature", "typ_p": "typical_p", "repeat_penalty": "repetition_penalty",
      "repeat_last_n": "penalty_last_n",
    ]
    for (alias, name) in known { #expect(try SettingName(named: alias).rawValue == name) }
    var meant: [String: String] = [:]
    for declared in Declared.all {
      for alias in declared.parameter.aliases {
        #expect(SettingName(rawValue: alias) == nil, "\(alias) is a setting of its own")
        #expect(
          meant.updateValue(declared.parameter.name, forKey: alias) ?? declared.parameter.name
            == declared.parameter.name)
      }
    }
  }

  @Test("No two samplers share a name, and parameters of the same name are the same everywhere")
  func unique() {
    let stages = SamplerRegistry.builtIn.descriptors
    #expect(stages.count == BuiltInSamplers.all.count)
    for stage in stages {
      #expect(Set(stage.parameters.map(\.name)).count == stage.parameters.count, "\(stage.name)")
    }
    for declared in Declared.all {
      #expect(SettingName(rawValue: declared.parameter.name)?.parameter == declared.parameter)
    }
  }

  @Test("Defaults and neutral values are within their ranges", arguments: Declared.all)
  func ranges(declared: Declared) throws {
    let (kind, field) = (declared.parameter.kind, declared.parameter.name)
    for value in [declared.parameter.defaultValue, declared.parameter.neutralValue].compactMap(\.self) {
      #expect(try kind.checked(value, field: field, vocabularySize: nil) == value)
    }
  }

  @Test("A request reaches every parameter by its name", arguments: Declared.all)
  func request(declared: Declared) throws {
    var settings = SamplerSettings()
    settings.order = [declared.stage.name]
    try settings.set(declared.parameter.name, to: declared.other)
    let effective = try EffectiveSettings([(.request, settings)], vocabularySize: 100)
    #expect(effective.chain.stages.first?.parameters[declared.parameter.name] == declared.other)
    let listed = effective.settings.first { $0.name == declared.parameter.name }
    #expect(listed?.value == declared.other.description && listed?.source == .request)
  }

  @Test("A chain as data reaches every parameter by its name", arguments: Declared.all)
  func chain(declared: Declared) throws {
    var settings = SamplerSettings()
    settings.chain = [.init(declared.stage.name, [declared.parameter.name: declared.other])]
    let effective = try EffectiveSettings([(.preset, settings)], vocabularySize: 100)
    #expect(effective.chain.stages.first?.parameters[declared.parameter.name] == declared.other)
    _ = try SamplerChain(effective.chain, vocabularySize: 100)
  }

  @Test("Help says in a sentence what every stage and parameter does")
  func help() {
    for stage in SamplerRegistry.builtIn.descriptors {
      #expect(!stage.name.isEmpty && stage.origin == "built-in")
      for text in [stage.summary] + stage.parameters.map(\.meaning) {
        #expect(text.count > 20 && text.hasSuffix("."), "\(stage.name): \(text)")
        #expect(text.first?.isLowercase == false && !text.contains("\n"), "\(stage.name): \(text)")
      }
    }
  }

  @Test("A value out of range is refused with the name, the value and the range in plain numbers")
  func errors() {
    func message(_ name: String, _ value: ParameterValue) -> String? {
      var settings = SamplerSettings()
      do throws(SamplingError) { try settings.set(name, to: value) } catch { return "\(error)" }
      return nil
    }
    #expect(message("top_p", .number(1.5)) == "top_p is 1.5; it must be a number from 0 to 1")
    #expect(message("temp", .number(-1)) == "temp is -1.0; it must be a number from 0 to 1000000")
    #expect(
      message("adaptive_decay", .number(1)) == "adaptive_decay is 1.0; it must be a number from 0 to 0.99")
    #expect(message("top_k", .integer(-2)) == "top_k is -2; it must be an integer from -1 to 16777216")
    #expect(
      message("top_k", .number(1.5)) == "top_k has the wrong type; expected an integer from -1 to 16777216")
    #expect(message("mirostat", .integer(3)) == "mirostat is 3; it must be an integer from 0 to 2")
    #expect(
      message("logit_bias", .biases([TokenBias(token: 7, bias: 2e6)]))
        == "logit_bias[7] is 2000000.0; it must be within ±1000000, or minus infinity")
  }

  @Test("Profiles name samplers that exist and give defaults that their parameters take")
  func profiles() throws {
    for profile in ChainProfile.all {
      for name in profile.order { #expect(SamplerRegistry.builtIn.descriptor(named: name) != nil) }
      for (setting, value) in profile.defaults {
        _ = try setting.kind.checked(value, field: setting.rawValue, vocabularySize: nil)
        let isRead = profile.order.contains { stage in
          let parameters = SamplerRegistry.builtIn.descriptor(named: stage)?.parameters ?? []
          return parameters.contains { $0.name == setting.rawValue }
        }
        #expect(isRead, "\(profile.name): \(setting.rawValue)")
      }
    }
  }
}

/// The settings that a request, a model or a template may give: each is a parameter of a built-in stage, or
/// says which chain to build.
///
/// The raw value is the name in APIs and files.
public enum SettingName: String, Sendable, CaseIterable {
  case temperature
  case dynatempRange = "dynatemp_range"
  case dynatempExponent = "dynatemp_exponent"
  case topK = "top_k"
  case topP = "top_p"
  case minP = "min_p"
  case typicalP = "typical_p"
  case topNSigma = "top_n_sigma"
  case xtcProbability = "xtc_probability"
  case xtcThreshold = "xtc_threshold"
  case penaltyLastN = "penalty_last_n"
  case repetitionPenalty = "repetition_penalty"
  case presencePenalty = "presence_penalty"
  case frequencyPenalty = "frequency_penalty"
  case penaltyPrompt = "penalty_prompt"
  case dryMultiplier = "dry_multiplier"
  case dryBase = "dry_base"
  case dryAllowedLength = "dry_allowed_length"
  case dryPenaltyLastN = "dry_penalty_last_n"
  case drySequenceBreakers = "dry_sequence_breakers"
  case mirostat
  case mirostatTau = "mirostat_tau"
  case mirostatEta = "mirostat_eta"
  case adaptiveTarget = "adaptive_target"
  case adaptiveDecay = "adaptive_decay"
  case epsilonCutoff = "epsilon_cutoff"
  case etaCutoff = "eta_cutoff"
  case noRepeatNgramSize = "no_repeat_ngram_size"
  case logitBias = "logit_bias"
  case minKeep = "min_keep"
  case keepTies = "keep_ties"

  /// What the setting takes; `mirostat` is 0 (off), 1 or 2, all others are as their stage's parameter is.
  public var kind: ParameterKind {
    self == .mirostat ? .integer(0...2) : parameter?.kind ?? .integer(0...0)
  }

  /// The parameter of a built-in stage that the setting is; nil for `mirostat`.
  public var parameter: ParameterDescriptor? { Self.parameters[self] }

  /// The setting of a name.
  ///
  /// - Throws: `unknownSetting` with the nearest name.
  public init(named name: String) throws(SamplingError) {
    guard let known = SettingName(rawValue: Self.aliases[name] ?? name) else {
      throw .unknownSetting(name: name, nearest: nearestName(to: name, among: Self.allCases.map(\.rawValue)))
    }
    self = known
  }

  /// Other tools' names for the same numbers.
  private static let aliases = [
    "repeat_penalty": "repetition_penalty", "repeat_last_n": "penalty_last_n", "temp": "temperature",
    "typ_p": "typical_p",
  ]

  private static let parameters: [SettingName: ParameterDescriptor] = {
    var found: [SettingName: ParameterDescriptor] = [:]
    for entry in BuiltInStages.all {
      for parameter in entry.descriptor.parameters {
        if let name = SettingName(rawValue: parameter.name) { found[name] = parameter }
      }
    }
    return found
  }()
}

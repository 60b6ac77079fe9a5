import Runtime
import Sampling
import Tokens
import Units
import Yams

/// Reads `NAME.preset.yaml`: a mapping of `description`, `order` (a library, or stage names), `profile` (a library, to
/// have its defaults with an order of one's own), `dry_sequence_breakers` (strings) and any other sampler setting; or of
/// `chain` (stages with their parameters) instead of settings.
enum PresetFile {
  /// The keys beside the settings.
  private static let keys = ["description", "profile", "order", "chain"]

  /// The preset that a text describes, checked like those of a request.
  ///
  /// - Parameter pluginStages: Stages of plugins, which it may name too; only workers know their parameters,
  ///   which are checked when a request names the preset.
  /// - Throws: `WorkbenchError` naming the key, what it holds and what it takes, or the nearest name.
  static func preset(
    name: String, yaml: String, origin: SamplerPreset.Origin, pluginStages: Set<String> = []
  ) throws -> SamplerPreset {
    try preset(
      name: name, entries: YAMLMapping.entries(yaml, expected: "a mapping of sampler settings to values"),
      origin: origin, pluginStages: pluginStages)
  }

  /// The same of the keys and values of a mapping.
  static func preset(
    name: String, entries: [(key: String, value: Node)], origin: SamplerPreset.Origin,
    pluginStages: Set<String>
  ) throws -> SamplerPreset {
    var preset = SamplerPreset(name: name, settings: SamplerSettings(), origin: origin)
    do {
      for (key, value) in entries { try preset.read(key, value) }
      // Refuses settings that are unknown, out of range or without effect in their own chain.
      var settings = preset.settings
      settings.order?.removeAll { pluginStages.contains($0) }
      settings.chain?.removeAll { pluginStages.contains($0.name) }
      if let texts = settings.sequenceBreakers {
        try SamplerPreset.check(breakers: texts)
        // Which tokens they are depends on the model; whether the chain reads them does not.
        guard settings.chain?.contains(where: { $0.name == "dry" }) ?? true else {
          throw SamplingError.inapplicable(
            field: SettingName.drySequenceBreakers.rawValue, reason: "no stage of the chain is 'dry'")
        }
        if settings.chain == nil { settings.values[.drySequenceBreakers] = .sequences([]) }
      }
      let effective = try EffectiveSettings([(.request, settings)], vocabularySize: Int(Int32.max))
      _ = try SamplerChain(effective.chain, vocabularySize: Int(Int32.max))
    } catch let error as SamplingError {
      throw WorkbenchError(.invalidArgument, "\(error)")
    }
    return preset
  }

  fileprivate static func setting(_ key: String) throws -> SettingName {
    do throws(SamplingError) {
      return try SettingName(named: key)
    } catch {
      let known = keys + SettingName.allCases.map(\.rawValue)
      throw SamplingError.unknownSetting(name: key, nearest: nearestName(to: key, among: known))
    }
  }

  /// A value of the kind that the setting takes.
  fileprivate static func value(_ node: Node, of setting: SettingName) throws -> ParameterValue {
    if case .biases = setting.kind, let mapping = node.mapping {
      return .biases(
        try mapping.map { token, bias in
          guard let id = token.int.flatMap({ Int32(exactly: $0) }), let value = bias.float else {
            throw WorkbenchError(
              .invalidArgument, "\(setting.rawValue) must be a mapping of token ids to numbers")
          }
          return TokenBias(token: TokenID(rawValue: id), bias: Float(value))
        })
    }
    return try number(node, setting.rawValue, "\(setting.kind)")
  }

  fileprivate static func number(
    _ node: Node, _ field: String, _ expected: String = "a number"
  ) throws -> ParameterValue {
    if let value = node.int { return .integer(value) }
    if let value = node.float { return .number(value) }
    throw SamplingError.wrongType(field: field, expected: expected)
  }
}

extension SamplerPreset {
  fileprivate mutating func read(_ key: String, _ node: Node) throws {
    switch key {
    case "description":
      guard let text = node.scalar?.string else { throw refusal(key, "a string") }
      summary = text
    case "profile":
      guard let text = node.scalar?.string else { throw refusal(key, "llama.cpp, transformers or vllm") }
      settings.profile = text
    case "order":
      // The library whose order it is, or the stages.
      if let library = node.scalar?.string, ChainProfile.all.contains(where: { $0.name == library }) {
        settings.profile = library
      } else {
        settings.order = try texts(key, node, "a list of stages, or llama.cpp, transformers or vllm")
      }
    case "chain": settings.chain = try stages(key, node)
    case SettingName.drySequenceBreakers.rawValue:
      settings.sequenceBreakers = try texts(key, node, "a list of strings")
    default:
      let setting = try PresetFile.setting(key)
      guard settings.values[setting] == nil else {
        throw WorkbenchError(.invalidArgument, "\(setting.rawValue) is given twice")
      }
      try settings.set(setting.rawValue, to: try PresetFile.value(node, of: setting))
    }
  }

  /// Stages as `- top_k` or `- top_k: {top_k: 40}`.
  private func stages(_ key: String, _ node: Node) throws -> [ChainSpecification.Stage] {
    let refusal = refusal(key, "a list of stages, such as [top_k: {top_k: 40}, temperature]")
    guard let list = node.sequence else { throw refusal }
    return try list.map { item in
      if let name = item.scalar?.string { return ChainSpecification.Stage(name) }
      guard let pair = item.mapping?.first, item.mapping?.count == 1, let name = pair.key.scalar?.string,
        let parameters = pair.value.mapping
      else { throw refusal }
      var values: [String: ParameterValue] = [:]
      for (parameter, value) in parameters {
        guard let parameter = parameter.scalar?.string else { throw refusal }
        values[parameter] = try PresetFile.number(value, "\(name).\(parameter)")
      }
      return ChainSpecification.Stage(name, values)
    }
  }

  private func texts(_ key: String, _ node: Node, _ expected: String) throws -> [String] {
    guard let list = node.sequence else { throw refusal(key, expected) }
    return try list.map { item in
      guard let text = item.scalar?.string else { throw refusal(key, expected) }
      return text
    }
  }

  private func refusal(_ key: String, _ expected: String) -> WorkbenchError {
    WorkbenchError(.invalidArgument, "\(key) must be \(expected)")
  }
}

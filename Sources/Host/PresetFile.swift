import Runtime
import Sampling
import Tokens
import Yams

/// Reads `NAME.preset.yaml`: a mapping of `description`, `profile`, `order` (stage names), `dry_sequence_breakers`
/// (texts) and any other sampler setting.
enum PresetFile {
  /// The keys beside the settings.
  private static let keys = ["description", "profile", "order"]

  /// The preset that a text describes, checked as if a request said it.
  ///
  /// - Throws: `WorkbenchError` naming the key, what it holds and what it takes, or the nearest name.
  static func preset(name: String, yaml: String, origin: SamplerPreset.Origin) throws -> SamplerPreset {
    var preset = SamplerPreset(name: name, settings: SamplerSettings(), origin: origin)
    do {
      for (key, value) in try mapping(yaml) { try preset.read(key, value) }
      // What is unknown, out of range or without effect in its own chain is found here.
      var settings = preset.settings
      if let texts = settings.sequenceBreakers {
        try SamplerPreset.check(breakers: texts)
        // Which tokens they are depends on the model; whether the chain reads them does not.
        settings.values[.drySequenceBreakers] = .sequences([])
      }
      let effective = try EffectiveSettings([(.request, settings)], vocabularySize: Int(Int32.max))
      _ = try SamplerChain(effective.chain, vocabularySize: Int(Int32.max))
    } catch let error as SamplingError {
      throw WorkbenchError(.invalidArgument, "\(error)")
    }
    return preset
  }

  private static func mapping(_ yaml: String) throws -> [(key: String, value: Node)] {
    // Aliases of aliases would make a few lines grow without end; so many cannot.
    let aliases = yaml.utf8.count { $0 == UInt8(ascii: "*") }
    guard aliases <= HostLimits.presetAliases else {
      throw WorkbenchError(.outOfRange, "\(aliases) asterisks; \(HostLimits.presetAliases) at most")
    }
    let node: Node?
    do {
      node = try Yams.compose(yaml: yaml)
    } catch {
      // The lines below the first show the place, which the first one says too.
      let reason = "\(error)".split(separator: "\n").first ?? ""
      throw WorkbenchError(.invalidArgument, "not YAML: \(reason)")
    }
    guard let mapping = node?.mapping else {
      throw WorkbenchError(.invalidArgument, "a mapping of sampler settings to values is expected")
    }
    return try mapping.map { key, value in
      guard let name = key.scalar?.string else {
        throw WorkbenchError(.invalidArgument, "a key is not a text")
      }
      return (name, value)
    }
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
            throw WorkbenchError(.invalidArgument, "\(setting.rawValue) is a mapping of token ids to numbers")
          }
          return TokenBias(token: TokenID(rawValue: id), bias: Float(value))
        })
    }
    if let value = node.int { return .integer(value) }
    if let value = node.float { return .number(value) }
    throw SamplingError.wrongType(field: setting.rawValue, expected: "\(setting.kind)")
  }
}

extension SamplerPreset {
  fileprivate mutating func read(_ key: String, _ node: Node) throws {
    switch key {
    case "description":
      guard let text = node.scalar?.string else { throw refusal(key, "a text") }
      summary = text
    case "profile":
      guard let text = node.scalar?.string else { throw refusal(key, "a profile's name") }
      settings.profile = text
    case "order": settings.order = try texts(key, node, "a list of stages")
    case SettingName.drySequenceBreakers.rawValue:
      settings.sequenceBreakers = try texts(key, node, "a list of texts")
    default:
      let setting = try PresetFile.setting(key)
      guard settings.values[setting] == nil else {
        throw WorkbenchError(.invalidArgument, "\(setting.rawValue) stands there twice")
      }
      try settings.set(setting.rawValue, to: try PresetFile.value(node, of: setting))
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

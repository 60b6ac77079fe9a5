import Runtime
import Sampling
import Yams

/// Reads `NAME.profile.yaml`: a mapping of the keys below, each of which may be left out.
enum ProfileFile {
  private static let keys = [
    "description", "source", "models", "template", "jinja", "system", "stop", "samplers", "max_tokens",
    "strip",
    "answer_head", "add_generation_prompt", "add_bos",
  ]

  /// The profile that a text describes.
  ///
  /// - Parameter pluginStages: Stages of plugins, which its samplers may name too.
  /// - Throws: `WorkbenchError` naming the key, what it holds and what it takes, or the nearest name.
  static func profile(
    name: String, yaml: String, origin: Profile.Origin, pluginStages: Set<String> = []
  ) throws -> Profile {
    try checkName(name)
    var profile = Profile(name: name, origin: origin)
    profile.yaml = yaml
    let expected = "a mapping with any of \(keys.joined(separator: ", "))"
    for (key, value) in try YAMLMapping.entries(yaml, expected: expected) {
      try profile.read(key, value, pluginStages)
    }
    guard profile.template == nil || profile.jinja == nil else {
      throw WorkbenchError(.invalidArgument, "give either template (a name) or jinja (its text), not both")
    }
    return profile
  }

  /// Refuses names that mean something else where a profile is named.
  private static func checkName(_ name: String) throws {
    _ = try ModelName.check(name, of: "profile")
    let taken = [ProfileCatalogue.none] + ChainProfile.all.map(\.name)
    guard !taken.contains(name) else {
      throw WorkbenchError(
        .invalidArgument, "a profile cannot be named '\(name)', which means something else with --profile")
    }
  }

  fileprivate static func unknown(_ key: String) -> WorkbenchError {
    if SettingName(rawValue: key) != nil || ["order", "chain"].contains(key) {
      return WorkbenchError(.invalidArgument, "'\(key)' belongs under samplers")
    }
    let hint = nearestName(to: key, among: keys).map { "did you mean '\($0)'?" }
    return WorkbenchError(
      .invalidArgument, "unknown key '\(key)'; \(hint ?? "known keys: \(keys.joined(separator: ", "))")")
  }
}

extension Profile {
  fileprivate mutating func read(_ key: String, _ node: Node, _ pluginStages: Set<String>) throws {
    switch key {
    case "description": summary = try text(key, node)
    case "source": source = try text(key, node)
    case "models": models = try texts(key, node).map { $0.lowercased() }
    case "template": template = try ModelName.check(try text(key, node), of: "template")
    case "jinja": jinja = try text(key, node, atMost: HostLimits.templateBytes)
    case "system": system = try text(key, node, atMost: HostLimits.systemBytes)
    case "stop":
      stop = try texts(key, node)
      guard stop.count <= HostLimits.profileStops else {
        throw refusal(key, "at most \(HostLimits.profileStops) texts")
      }
      for text in stop where text.utf8.count > HostLimits.profileStopBytes {
        throw refusal(key, "texts of at most \(HostLimits.profileStopBytes) bytes")
      }
    case "samplers":
      let entries = try YAMLMapping.entries(node, expected: "samplers to be a mapping of settings to values")
      samplers = try PresetFile.preset(
        name: name, entries: entries, origin: .profile, pluginStages: pluginStages
      ).settings
    case "max_tokens":
      guard let count = node.int, (1...Int(Int32.max)).contains(count) else {
        throw refusal(key, "a whole number of at least 1")
      }
      maxTokens = count
    case "strip": strip = try flag(key, node)
    case "answer_head": answerHead = try text(key, node, atMost: HostLimits.answerHeadBytes)
    case "add_generation_prompt": addGenerationPrompt = try flag(key, node)
    case "add_bos": addBOS = try flag(key, node)
    default: throw ProfileFile.unknown(key)
    }
  }

  private func text(_ key: String, _ node: Node, atMost limit: Int = HostLimits.profileBytes) throws -> String
  {
    guard let text = node.scalar?.string, node != Node("", Tag(.null)) else { throw refusal(key, "a text") }
    guard text.utf8.count <= limit else { throw refusal(key, "at most \(limit) bytes long") }
    return text
  }

  private func texts(_ key: String, _ node: Node) throws -> [String] {
    guard let list = node.sequence else { throw refusal(key, "a list of texts, such as [one, two]") }
    return try list.map { item in
      guard let text = item.scalar?.string, !text.isEmpty else {
        throw refusal(key, "a list of texts that are not empty")
      }
      return text
    }
  }

  private func flag(_ key: String, _ node: Node) throws -> Bool {
    guard let value = node.bool else { throw refusal(key, "true or false") }
    return value
  }

  private func refusal(_ key: String, _ expected: String) -> WorkbenchError {
    WorkbenchError(.invalidArgument, "\(key) must be \(expected)")
  }
}

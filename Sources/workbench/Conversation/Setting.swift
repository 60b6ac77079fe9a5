import ArgumentParser
import WorkbenchAPI

/// A setting that `/set` changes in a conversation, named like its command-line option.
struct Setting: Sendable {
  /// The option's name with underscores, such as `max_tokens`.
  var name: String
  /// Sets the value from text; the error says what a value is.
  var set: @Sendable (String, inout ProtoGenerationOptions) throws -> Void
  /// Resets the value to the daemon's default.
  var clear: @Sendable (inout ProtoGenerationOptions) -> Void
  /// The value as text; nil if it is not set.
  var get: @Sendable (ProtoGenerationOptions) -> String?

  /// Changes options as `/set NAME VALUE` says; the value `default` resets a setting.
  static func apply(_ name: String, _ value: String, to options: inout ProtoGenerationOptions)
    throws(ClientError)
  {
    let key = String(name.map { $0 == "-" ? "_" : $0 })
    guard let setting = all.first(where: { $0.name == key }) else {
      let names = all.map(\.name)
      throw ClientError(
        .usage, "unknown setting '\(name)'; the settings are \(names.joined(separator: ", "))",
        hint: Suggestion.nearest(to: key, among: names).map { "did you mean \($0)?" })
    }
    if value == "default" { return setting.clear(&options) }
    do {
      try setting.set(value, &options)
    } catch {
      throw ClientError(.usage, "'\(value)' is not valid for \(setting.name): \(error)")
    }
  }

  /// Every setting, in the order that `/show` lists them.
  static let all: [Setting] =
    [
      sampling("temperature", NumberArgument.decimal, \.temperature, \.hasTemperature) {
        $0.clearTemperature()
      },
      sampling("top_k", NumberArgument.candidates, \.topK, \.hasTopK) { $0.clearTopK() },
      sampling("top_p", NumberArgument.decimal, \.topP, \.hasTopP) { $0.clearTopP() },
      sampling("min_p", NumberArgument.decimal, \.minP, \.hasMinP) { $0.clearMinP() },
      sampling("repetition_penalty", NumberArgument.decimal, \.repetitionPenalty, \.hasRepetitionPenalty) {
        $0.clearRepetitionPenalty()
      },
      sampling("presence_penalty", NumberArgument.decimal, \.presencePenalty, \.hasPresencePenalty) {
        $0.clearPresencePenalty()
      },
      sampling("frequency_penalty", NumberArgument.decimal, \.frequencyPenalty, \.hasFrequencyPenalty) {
        $0.clearFrequencyPenalty()
      },
      sampling("penalty_last_n", NumberArgument.recent, \.penaltyLastN, \.hasPenaltyLastN) {
        $0.clearPenaltyLastN()
      },
      sampling("seed", NumberArgument.seed, \.seed, \.hasSeed) { $0.clearSeed() },
    ] + others

  private static let others: [Setting] = [
    Setting(
      name: "preset",
      set: { text, options in
        options.preset = text
      },
      clear: { $0.clearPreset() }, get: { $0.hasPreset ? $0.preset : nil }),
    Setting(
      name: "profile",
      set: { text, options in
        options.profile = text
      },
      clear: { $0.clearProfile() }, get: { $0.hasProfile ? $0.profile : nil }),
    Setting(
      name: "max_tokens",
      set: { text, options in
        options.maxTokens = try NumberArgument.tokens(text)
      },
      clear: { $0.clearMaxTokens() }, get: { $0.hasMaxTokens ? "\($0.maxTokens)" : nil }),
    Setting(
      name: "logprobs",
      set: { text, options in
        options.topLogprobs = try NumberArgument.count(text)
      },
      clear: { $0.clearTopLogprobs() }, get: { $0.hasTopLogprobs ? "\($0.topLogprobs)" : nil }),
    Setting(
      name: "stop",
      set: { text, options in
        options.stop.append(text)
      },
      clear: { $0.stop = [] }, get: { $0.stop.isEmpty ? nil : $0.stop.joined(separator: " | ") }),
    Setting(
      name: "stages",
      set: { text, options in
        options.sampling.chain = try text.split(separator: " ").map { try StageArgument.parse(String($0)) }
      },
      clear: { $0.sampling.chain = [] },
      get: {
        $0.sampling.chain.isEmpty ? nil : $0.sampling.chain.map(StageArgument.text).joined(separator: " ")
      }),
  ]

  private static func sampling<Value: Sendable>(
    _ name: String, _ parse: @escaping @Sendable (String) throws -> Value,
    _ path: any WritableKeyPath<ProtoSamplerSettings, Value> & Sendable,
    _ isSet: any KeyPath<ProtoSamplerSettings, Bool> & Sendable,
    clear: @escaping @Sendable (inout ProtoSamplerSettings) -> Void
  ) -> Setting {
    Setting(
      name: name,
      set: { text, options in
        options.sampling[keyPath: path] = try parse(text)
      },
      clear: { clear(&$0.sampling) },
      get: { $0.sampling[keyPath: isSet] ? "\($0.sampling[keyPath: path])" : nil })
  }
}

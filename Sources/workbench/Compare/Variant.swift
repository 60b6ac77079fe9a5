import WorkbenchAPI

/// One of the ways in which a question is asked.
struct Variant: Sendable, Equatable {
  var model: String
  var template: String?
  var profile: String?
  var preset: String?
  var temperature: Float?
  var seed: UInt64
  /// What tells it from the others: "template chatml".
  var label = ""
  /// What tells its prompt from those of others; variants with the same prompt have the same.
  var promptLabel = ""

  /// The request for an answer to some messages, with options that all variants have.
  func request(_ messages: [ProtoMessage], _ options: ProtoGenerationOptions) -> ProtoChatRequest {
    var request = ProtoChatRequest()
    request.model = model
    request.messages = messages
    if let template { request.template = template }
    request.options = options
    // The log-probability of each token, without alternatives.
    request.options.topLogprobs = 0
    if let profile { request.options.profile = profile }
    if let preset { request.options.preset = preset }
    if let temperature { request.options.sampling.temperature = temperature }
    request.options.sampling.seed = seed
    return request
  }

  /// One variant for each prompt.
  static func prompts(of variants: [Variant]) -> [Variant] {
    variants.indices.filter { index in
      !variants[..<index].contains { $0.promptLabel == variants[index].promptLabel }
    }.map { variants[$0] }
  }

  /// What differs between variants, each with its choices; every combination of them is a variant.
  struct Choices: Sendable {
    var models: [String] = []
    var templates: [String] = []
    var profiles: [String] = []
    var presets: [String] = []
    var temperatures: [Float] = []
    var seeds: [UInt64] = []

    /// Every combination, with labels that tell them apart.
    ///
    /// - Throws: `ClientError` if there are fewer than two, or too many.
    func variants() throws(ClientError) -> [Variant] {
      var result = [Variant(model: models.first ?? "", seed: seeds.first ?? 0)]
      let counts = [
        models.count, templates.count, profiles.count, presets.count, temperatures.count, seeds.count,
      ]
      var total = 1
      for count in counts { total = min(total * max(count, 1), Limits.variants + 1) }
      guard total > 1 else {
        throw ClientError(
          .usage, "there is nothing to compare",
          hint: "repeat --template, --profile, --preset, --temperature, --seed or --model with another value")
      }
      guard total <= Limits.variants else {
        throw ClientError(.usage, "these are more than \(Limits.variants) combinations; leave some out")
      }
      cross(&result, "model", models, \.model) { $0 }
      cross(&result, "template", templates.map(Optional.some), \.template) { $0 ?? "" }
      cross(&result, "profile", profiles.map(Optional.some), \.profile) { $0 ?? "" }
      for index in result.indices { result[index].promptLabel = result[index].label }
      cross(&result, "preset", presets.map(Optional.some), \.preset) { $0 ?? "" }
      cross(&result, "temperature", temperatures.map(Optional.some), \.temperature) { "\($0 ?? 0)" }
      cross(&result, "seed", seeds, \.seed) { "\($0)" }
      return result
    }

    private func cross<Value>(
      _ variants: inout [Variant], _ name: String, _ choices: [Value],
      _ path: WritableKeyPath<Variant, Value>,
      _ text: (Value) -> String
    ) {
      guard !choices.isEmpty else { return }
      variants = variants.flatMap { variant in
        choices.map { choice in
          var made = variant
          made[keyPath: path] = choice
          guard choices.count > 1 else { return made }
          made.label += (made.label.isEmpty ? "" : ", ") + "\(name) \(text(choice))"
          return made
        }
      }
    }
  }
}

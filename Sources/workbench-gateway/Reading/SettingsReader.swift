import JSON
import WorkbenchAPI

/// The parameters of a body that become options of a generation.
enum SettingsReader {
  /// Reads what every kind of generation takes under these names; what a body does not say is left to the daemon.
  static func read(
    _ parameters: inout Parameters, into options: inout ProtoGenerationOptions
  ) throws(APIError) {
    var sampling = ProtoSamplerSettings()
    if let value = try parameters.float("temperature") { sampling.temperature = value }
    if let value = try parameters.float("top_p") { sampling.topP = value }
    if let value = try parameters.float("min_p") { sampling.minP = value }
    if let value = try parameters.int("top_k", in: 0...Int(UInt32.max)) { sampling.topK = UInt32(value) }
    if let value = try parameters.float("presence_penalty") { sampling.presencePenalty = value }
    if let value = try parameters.float("frequency_penalty") { sampling.frequencyPenalty = value }
    if let value = try parameters.float("repetition_penalty") { sampling.repetitionPenalty = value }
    if let value = try parameters.int("seed", in: 0...Int.max) { sampling.seed = UInt64(value) }
    try readBias(&parameters, into: &sampling)
    try readOthers(&parameters, into: &sampling)
    try readChain(&parameters, into: &sampling)
    if sampling != ProtoSamplerSettings() { options.sampling = sampling }
    if let value = try parameters.string("preset") { options.preset = value }
    if let value = try parameters.string("profile") { options.profile = value }
    if let value = try parameters.bool("trace") { options.trace = value }
    if let value = try parameters.bool("ignore_eos") { options.ignoreEnd = value }
  }

  /// `logit_bias`: an object of token ids, as texts, and numbers.
  private static func readBias(
    _ parameters: inout Parameters, into sampling: inout ProtoSamplerSettings
  ) throws(APIError) {
    guard let value = parameters.take("logit_bias") else { return }
    guard let members = value.members else { throw parameters.wrong("logit_bias", "an object", value) }
    for (key, value) in members {
      let name = key.string ?? ""
      guard let id = UInt32(name) else {
        throw .invalid("logit_bias", "logit_bias: '\(name)' is not the id of a token")
      }
      guard let bias = value.double else { throw parameters.wrong("logit_bias.\(name)", "a number", value) }
      sampling.logitBias[id] = Float(bias)
    }
  }

  /// `settings`: an object of further settings by name, as `workbench sampler list` shows them.
  private static func readOthers(
    _ parameters: inout Parameters, into sampling: inout ProtoSamplerSettings
  ) throws(APIError) {
    guard let value = parameters.take("settings") else { return }
    guard let members = value.members else { throw parameters.wrong("settings", "an object", value) }
    for (key, value) in members {
      let name = key.string ?? ""
      guard let number = value.double else { throw parameters.wrong("settings.\(name)", "a number", value) }
      sampling.other[name] = number
    }
  }

  /// `chain`: a list of stages, each an object with a `name` and its parameters.
  private static func readChain(
    _ parameters: inout Parameters, into sampling: inout ProtoSamplerSettings
  ) throws(APIError) {
    guard let value = parameters.take("chain") else { return }
    guard let elements = value.elements else { throw parameters.wrong("chain", "a list of stages", value) }
    for element in elements {
      let path = "chain[\(sampling.chain.count)]"
      guard let members = element.members else { throw parameters.wrong(path, "an object", element) }
      var stage = ProtoSamplerStage()
      for (key, value) in members {
        let name = key.string ?? ""
        if name == "name" {
          guard let text = value.string else { throw parameters.wrong("\(path).name", "a string", value) }
          stage.name = text
        } else {
          guard let number = value.double else {
            throw parameters.wrong("\(path).\(name)", "a number", value)
          }
          stage.parameters[name] = number
        }
      }
      guard !stage.name.isEmpty else { throw .invalid("chain", "\(path).name: missing") }
      sampling.chain.append(stage)
    }
  }
}

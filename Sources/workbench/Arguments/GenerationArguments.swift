import ArgumentParser
import WorkbenchAPI

/// Options for sampling and stopping, shared by `chat`, `generate` and `explain`.
struct GenerationArguments: ParsableArguments {
  @Option(
    name: .customLong("max-tokens"), parsing: .unconditional,
    help: ArgumentHelp("Maximum number of tokens to generate.", valueName: "n"),
    transform: NumberArgument.tokens)
  var maxTokens: UInt32?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Text that ends the answer; may be repeated.", valueName: "text"))
  var stop: [String] = []

  @Option(
    help: ArgumentHelp(
      "Sampler preset ('sampler list' lists them); other options override it.", valueName: "name"))
  var preset: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Sampling temperature; 0 always takes the most likely token.", valueName: "x"),
    transform: NumberArgument.decimal)
  var temperature: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Keep the k most likely tokens; 0 or -1: off.", valueName: "k"),
    transform: NumberArgument.candidates)
  var topK: UInt32?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Keep the most likely tokens until their probabilities add up to p; 1: off.", valueName: "p"),
    transform: NumberArgument.decimal)
  var topP: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Keep tokens at least p times as likely as the most likely one; 0: off.", valueName: "p"),
    transform: NumberArgument.decimal)
  var minP: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Penalize tokens seen before: divide their logits by x; 1: off.", valueName: "x"),
    transform: NumberArgument.decimal)
  var repetitionPenalty: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Subtract x once from the logit of a token seen before; 0: off.", valueName: "x"),
    transform: NumberArgument.decimal)
  var presencePenalty: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Subtract x from a token's logit for each time it was seen; 0: off.", valueName: "x"),
    transform: NumberArgument.decimal)
  var frequencyPenalty: Float?

  @Option(
    name: .customLong("penalty-last-n"), parsing: .unconditional,
    help: ArgumentHelp(
      "Number of recent tokens that the penalties look at; 0: off, -1: all.", valueName: "n"),
    transform: NumberArgument.recent)
  var penaltyLastN: Int32?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Random seed; the same seed, request and model give the same answer (default: a new one each time).",
      valueName: "n"),
    transform: NumberArgument.seed)
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Profile to use ('profile list' lists them); other options override it; none: without.",
      valueName: "name"))
  var profile: String?

  @Option(
    help: ArgumentHelp(
      "Whose order and defaults the sampler chain has: llama.cpp, transformers or vllm; or its stages, such as 'temperature,top_p'; or both, 'vllm:temperature,top_p'.",
      valueName: "order"),
    completion: .list(Self.libraries))
  var order: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Stage of the sampler chain, such as 'top_k:top_k=40'; repeat it for each stage of a chain that replaces the default one.",
      valueName: "stage"),
    transform: StageArgument.parse)
  var stage: [ProtoSamplerStage] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Any other setting that 'sampler list' shows, such as dry_multiplier=0.8; may be repeated.",
      valueName: "name=x"),
    transform: StageArgument.parseAssignment)
  var set: [SettingAssignment] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Text that interrupts a repetition for 'dry'; may be repeated, and replaces the default ones.",
      valueName: "text"))
  var drySequenceBreaker: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Add x to the logit of a token, such as 15=-2.5; may be repeated.", valueName: "id=x"),
    transform: StageArgument.parseBias)
  var logitBias: [LogitBias] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Print the log-probability of each token, and of n alternatives (0 to 20).", valueName: "n"),
    transform: NumberArgument.count)
  var logprobs: UInt32?

  @Flag(help: "Keep generating after an end-of-turn token.")
  var ignoreEnd = false

  @Flag(name: .shortAndLong, help: "Print statistics and the effective settings to standard error.")
  var verbose = false

  /// The libraries whose order and defaults a chain can have.
  static let libraries = ["llama.cpp", "transformers", "vllm"]

  /// The options of a request; what was not given stays unset, for the daemon to decide.
  var options: ProtoGenerationOptions {
    var options = ProtoGenerationOptions()
    if let maxTokens { options.maxTokens = maxTokens }
    options.stop = stop
    if let logprobs { options.topLogprobs = logprobs }
    if ignoreEnd { options.ignoreEnd = true }
    if let preset { options.preset = preset }
    if let profile, !Self.libraries.contains(profile) { options.profile = profile }
    let sampling = self.sampling
    if sampling != ProtoSamplerSettings() { options.sampling = sampling }
    return options
  }

  private var sampling: ProtoSamplerSettings {
    var settings = ProtoSamplerSettings()
    if let temperature { settings.temperature = temperature }
    if let topK { settings.topK = topK }
    if let topP { settings.topP = topP }
    if let minP { settings.minP = minP }
    if let repetitionPenalty { settings.repetitionPenalty = repetitionPenalty }
    if let presencePenalty { settings.presencePenalty = presencePenalty }
    if let frequencyPenalty { settings.frequencyPenalty = frequencyPenalty }
    if let penaltyLastN { settings.penaltyLastN = penaltyLastN }
    if let seed { settings.seed = seed }
    for bias in logitBias { settings.logitBias[bias.id] = bias.value }
    for assignment in set { settings.other[assignment.name] = assignment.value }
    if !drySequenceBreaker.isEmpty { settings.drySequenceBreakers.texts = drySequenceBreaker }
    // No profile can have such a name: --profile was what --order is now.
    if let profile, Self.libraries.contains(profile) { settings.profile = profile }
    if let order {
      let parts = order.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let namesLibrary = parts.count > 1 || Self.libraries.contains(order)
      if namesLibrary { settings.profile = parts[0] }
      if parts.count > 1 || !namesLibrary {
        settings.order = (parts.last ?? "").split(separator: ",", omittingEmptySubsequences: false).map(
          String.init)
      }
    }
    settings.chain = stage
    return settings
  }
}

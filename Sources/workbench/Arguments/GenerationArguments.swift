import ArgumentParser
import WorkbenchAPI

/// How to sample and when to stop: what `chat`, `generate` and `explain` have in common.
struct GenerationArguments: ParsableArguments {
  @Option(name: .customLong("max-tokens"), help: ArgumentHelp("Tokens to generate at most.", valueName: "n"))
  var maxTokens: UInt32?

  @Option(help: ArgumentHelp("A text that ends the answer; may be given several times.", valueName: "text"))
  var stop: [String] = []

  @Option(
    help: ArgumentHelp(
      "A sampler preset ('sampler list' has them); other options come over it.", valueName: "name"))
  var preset: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("0: always the likeliest token.", valueName: "x"))
  var temperature: Float?

  @Option(parsing: .unconditional, help: ArgumentHelp("Keep the k likeliest tokens; 0: off.", valueName: "k"))
  var topK: UInt32?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Keep the likeliest tokens up to this mass.", valueName: "p"))
  var topP: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Keep tokens at least this likely, relative to the likeliest.", valueName: "p"))
  var minP: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Divide logits of tokens seen before; 1: off.", valueName: "x"))
  var repetitionPenalty: Float?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Subtract once from tokens seen before.", valueName: "x"))
  var presencePenalty: Float?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Subtract for each time a token was seen.", valueName: "x"))
  var frequencyPenalty: Float?

  @Option(
    name: .customLong("penalty-last-n"), parsing: .unconditional,
    help: ArgumentHelp("Tokens that penalties look back at; 0: off, -1: all.", valueName: "n"))
  var penaltyLastN: Int32?

  @Option(help: ArgumentHelp("The same seed, request and model give the same answer.", valueName: "n"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Whose order and defaults the sampler chain has: llama.cpp, transformers or vllm.", valueName: "name"),
    completion: .list(["llama.cpp", "transformers", "vllm"]))
  var profile: String?

  @Option(
    help: ArgumentHelp(
      "The stages in order, instead of the profile's, such as 'temperature,top_p'.", valueName: "names"))
  var order: String?

  @Option(
    help: ArgumentHelp(
      "A stage of the sampler chain, such as 'top_k:top_k=40'; all that are given are the whole chain.",
      valueName: "stage"),
    transform: StageArgument.parse)
  var stage: [ProtoSamplerStage] = []

  @Option(
    help: ArgumentHelp(
      "Any other setting of 'sampler list', such as dry_multiplier=0.8; may be given several times.",
      valueName: "name=x"),
    transform: StageArgument.parseAssignment)
  var set: [SettingAssignment] = []

  @Option(
    help: ArgumentHelp(
      "A text that no repetition of 'dry' reaches across; all that are given replace the usual ones.",
      valueName: "text"))
  var drySequenceBreaker: [String] = []

  @Option(
    help: ArgumentHelp(
      "Add to a token's logit, such as 15=-2.5; may be given several times.", valueName: "id=x"),
    transform: StageArgument.parseBias)
  var logitBias: [LogitBias] = []

  @Option(help: ArgumentHelp("Report log-probabilities, with this many alternatives.", valueName: "n"))
  var logprobs: UInt32?

  @Flag(help: "Go on past the tokens that end an answer.")
  var ignoreEnd = false

  @Flag(name: .shortAndLong, help: "Print statistics and the effective settings to standard error.")
  var verbose = false

  /// The options of a request: only what was given is set.
  var options: ProtoGenerationOptions {
    var options = ProtoGenerationOptions()
    if let maxTokens { options.maxTokens = maxTokens }
    options.stop = stop
    if let logprobs { options.topLogprobs = logprobs }
    if ignoreEnd { options.ignoreEnd = true }
    if let preset { options.preset = preset }
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
    if let profile { settings.profile = profile }
    if let order {
      settings.order = order.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
    }
    settings.chain = stage
    return settings
  }
}

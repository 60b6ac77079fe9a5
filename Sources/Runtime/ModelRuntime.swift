public import Tokens

/// One loaded model, from messages to text: in a worker's process, or in the caller's for tests.
public protocol ModelRuntime: Sendable {
  /// Renders, tokenizes and streams the answer; leaving the stream frees its sequence within one step.
  func chat(_ job: ChatJob) async throws -> GenerationStream
  /// Continues a text or token ids as they stand.
  func generate(_ job: GenerateJob) async throws -> GenerationStream
  /// The text of a prompt, where its parts come from, and its token ids when there is a model.
  func render(_ job: RenderJob) async throws -> RenderedText
  /// What is wrong or suspicious in a template; with a model, for its vocabulary too.
  func check(_ template: TemplateSource) async throws -> TemplateReport
  /// Text to token ids.
  func tokenize(_ text: [UInt8], addSpecial: Bool, parseSpecial: Bool) async throws -> [TextToken]
  /// Token ids to bytes.
  func detokenize(_ ids: [TokenID], skipSpecial: Bool) async throws -> [UInt8]
  /// What the engine is doing.
  func status() async throws -> RuntimeStatus
}

/// The events of an answer, pulled: whoever does not read pauses its own sequence only.
public typealias GenerationStream = any AsyncSequence<GenerationEvent, any Error> & Sendable

/// What a runtime tells about itself.
public struct RuntimeStatus: Sendable, Equatable {
  /// Sequences being stepped, and requests waiting for a place.
  public var active = 0
  /// Requests waiting for a place.
  public var waiting = 0
  /// Tokens generated since the model was loaded.
  public var generatedTokens = 0
  /// Prompt tokens computed, and found in the cache instead.
  public var prefilledTokens = 0
  /// Prompt tokens found in the cache.
  public var reusedTokens = 0
  /// Positions of the KV cache in use, in whole pages.
  public var cacheUsed = 0
  /// Positions that the KV cache can hold.
  public var cacheCapacity = 0
  /// Batches run.
  public var steps = 0
  /// The process's resident memory in bytes.
  public var residentBytes = 0
  /// How what the libraries offer fares.
  public var plugins: [PluginUse] = []

  /// All zero.
  public init() {}
}

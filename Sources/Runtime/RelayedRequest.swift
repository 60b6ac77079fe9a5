/// A message of the API in its encoded form, which the daemon passes on unread.
public struct EncodedMessage: Sendable, Equatable {
  /// The message as it goes over the wire.
  public var bytes: [UInt8]

  /// A message by its bytes.
  public init(bytes: [UInt8]) {
    self.bytes = bytes
  }
}

/// The encoded messages of an answer, pulled: a consumer that does not read pauses its own sequence only.
public typealias EncodedStream = any AsyncSequence<EncodedMessage, any Error> & Sendable

/// The requests of the API that a worker answers; the raw value is the method's name between daemon and worker.
public enum WorkerCall: String, Sendable, CaseIterable {
  /// `Generation.Chat`.
  case chat = "Chat"
  /// `Generation.Generate`.
  case generate = "Generate"
  /// `Templates.Render`; works without a model.
  case render = "Render"
  /// `Tokenizers.Tokenize`; works without a model when it names a tokenizer.
  case tokenize = "Tokenize"
  /// `Tokenizers.Detokenize`.
  case detokenize = "Detokenize"
  /// `Tokenizers.Compare`; works without a model.
  case compareTokenizers = "CompareTokenizers"
  /// `Tokenizers.List`, the families that can be loaded; works without a model.
  case listTokenizers = "ListTokenizers"
}

/// A request of the API on its way to a worker, with what the daemon looked up for it.
public struct RelayedRequest: Sendable, Equatable {
  /// What is asked for.
  public var call: WorkerCall
  /// The request message of that call.
  public var message: EncodedMessage
  /// The template in the version that the request started with, where one is used.
  public var template: TemplateSource?
  /// The sampler preset, where one applies.
  public var preset: SamplerPreset?

  /// A request to pass on.
  public init(
    _ call: WorkerCall, _ message: EncodedMessage, template: TemplateSource? = nil,
    preset: SamplerPreset? = nil
  ) {
    self.call = call
    self.message = message
    self.template = template
    self.preset = preset
  }
}

import NIOCore

/// The gateway's bounds, each with its reason.
enum Limits {
  /// Bytes of one request's body: what the daemon takes in one message, and room for JSON's escapes.
  static let bodyBytes = 8 << 20
  /// Bytes of all bodies that are held at the same time.
  static let allBodyBytes = 256 << 20
  /// Nesting of a body.
  static let bodyDepth = 64
  /// Values in a body.
  static let bodyValues = 1 << 20
  /// Bytes of a request's header.
  static let headerBytes = 32 << 10
  /// Fields of a request's header.
  static let headerFields = 100
  /// Connections; for one more, the connection that has been idle the longest is closed.
  static let connections = 1024
  /// File descriptors beside those of connections.
  static let otherDescriptors = 128
  /// Time that a connection may be idle, and that a request's header may take.
  static let idle = TimeAmount.seconds(75)
  /// Time that a request's body may take.
  static let body = TimeAmount.seconds(60)
  /// Time after which a client that does not read its answer loses it.
  static let stalledAnswer = TimeAmount.seconds(60)
  /// Time that answers may take from SIGTERM on.
  static let drain = Duration.seconds(30)
  /// Choices of one request: `n`, times the prompts.
  static let choices = 16
  /// Prompts of one request that does not stream.
  static let prompts = 256
  /// Alternatives for each token.
  static let topLogprobs = 20
  /// Bytes of one message from the daemon.
  static let responseBytes = 64 << 20
  /// Time for a call that is not a generation or a load.
  static let call = Duration.seconds(60)
  /// Tokens of a completion that names no number, as OpenAI has it.
  static let completionTokens: UInt32 = 16
}

/// A comparison of two tokenizers on the same lines of text.
public struct TokenizerReport: Sendable, Equatable {
  /// The figures of one tokenizer.
  public struct Side: Sendable, Equatable {
    /// Its name.
    public var name = ""
    /// Number of pieces in the vocabulary.
    public var vocabularySize = 0
    /// Tokens of all lines.
    public var tokens = 0
    /// Tokens of the lines of each script.
    public var tokensByScript: [String: Int] = [:]
    /// Lines that could not be encoded.
    public var refusals = 0
    /// Lines that do not decode to themselves.
    public var roundTripFailures = 0
    /// The number, from 1, of the first such line; 0: there is none.
    public var firstFailure = 0
    /// Bytes encoded per second.
    public var bytesPerSecond = 0.0

    /// All zero.
    public init() {}
  }

  /// Bytes of all lines.
  public var bytes = 0
  /// Bytes of the lines of each script.
  public var bytesByScript: [String: Int] = [:]
  /// Lines in all.
  public var lines = 0
  /// Lines that both encode to the same ids.
  public var sameLines = 0
  /// The first tokenizer.
  public var left = Side()
  /// The second tokenizer.
  public var right = Side()

  /// All zero.
  public init() {}
}

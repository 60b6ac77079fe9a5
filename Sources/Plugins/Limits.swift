/// Every bound of this module, by name.
public enum Limits {
  // MARK: What a library may be

  /// Largest library file, in bytes.
  public static let fileBytes = 256 << 20
  /// Most program headers of a library.
  static let programHeaders = 256
  /// Largest struct that a plugin may claim to have, in bytes; ours are below 200.
  static let structBytes = 4096
  /// Longest name, in bytes.
  public static let nameBytes = 64
  /// Longest one-line text, in bytes.
  static let summaryBytes = 512
  /// Most samplers, templates or tokenizers of one library.
  static let offers = 64
  /// Most parameters of a sampler.
  static let parameters = 64
  /// Largest magnitude of a bound of a parameter.
  static let parameterMagnitude = 1e15

  // MARK: What a call may give back

  /// Room for an error message, its zero byte included.
  static let messageBytes = 256
  /// Most bytes of a rendered prompt; as many as a Jinja template may write.
  public static let promptBytes = 4 << 20
  /// Most pieces that a prompt may be appended in.
  static let promptSpans = 1 << 18
  /// Most tokens of one encoded text beyond one for each byte.
  static let extraTokens = 64
  /// Longest text to encode, in bytes.
  static let textBytes = 1 << 28
  /// Most tokens of a vocabulary.
  static let vocabularySize = 1 << 22
  /// Most bytes of all tokens of a vocabulary together.
  static let vocabularyBytes = 1 << 28
  /// Longest token, in bytes.
  static let pieceBytes = 1 << 16
  /// Most tokens after which a generation ends.
  static let endTokens = 256
  /// Most lines that a plugin may log in one call; the rest is counted.
  static let logBytes = 1024

  // MARK: Faults

  /// So many faults within `faultWindow` calls disable what was called.
  public static let faults = 3
  /// Calls after which a fault is forgotten.
  public static let faultWindow: UInt64 = 100_000
  /// Every call of a stage up to this one runs on guarded copies of the candidates.
  static let guardedCalls: UInt64 = 4
  /// After that, one call in so many.
  static let guardedInterval: UInt64 = 256

  // MARK: Conformance

  /// Candidates in the largest set of the conformance check.
  static let conformanceCandidates = 32_000
  /// Time that one step over that many candidates may take, in nanoseconds: the median of several.
  public static let conformanceStepNanoseconds: UInt64 = 10_000_000
  /// Time that rendering one of the fixed conversations may take, in nanoseconds.
  public static let conformanceRenderNanoseconds: UInt64 = 50_000_000
  /// Time that encoding one text of the corpus may take, in nanoseconds.
  public static let conformanceEncodeNanoseconds: UInt64 = 50_000_000
  /// Memory that a library may take while it is opened and checked, in bytes.
  public static let conformanceBytes = 1 << 30
  /// How long threads that a call started may take to end, in milliseconds.
  static let threadEndMilliseconds = 500
}

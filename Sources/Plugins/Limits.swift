/// Every bound of this module, by name.
public enum Limits {
  // MARK: What a library may be

  /// Largest library file, in bytes.
  public static let fileBytes = 256 << 20
  /// Most program headers of a library.
  static let programHeaders = 256
  /// Largest size that a struct of a plugin may state, in bytes; those of this version are below 200.
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

  /// Room for an error message in bytes, its terminating zero included.
  static let messageBytes = 256
  /// Most bytes of a rendered prompt; the same as for a Jinja template.
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
  /// Most tokens that end a generation.
  static let endTokens = 256
  /// Longest line that a plugin can log, in bytes; the rest is cut off.
  static let logBytes = 1024

  /// Largest answer of the process that holds a library during its trial, in bytes.
  static let answerBytes = 64 << 20

  // MARK: Faults

  /// How many faults within `faultWindow` calls disable what was called.
  public static let faults = 3
  /// How many calls later a fault is forgotten.
  public static let faultWindow: UInt64 = 100_000
  /// Processor time that a call may use before the process ends itself, in milliseconds.
  static let busyMilliseconds = 10_000
  /// How long a call may last before the process ends itself, in milliseconds: only what hangs takes so long.
  static let waitingMilliseconds = 60_000
  /// How many of the first calls of a stage run on guarded copies of the candidates.
  static let guardedCalls: UInt64 = 4
  /// After those, one call in this many does.
  static let guardedInterval: UInt64 = 256

  // MARK: Conformance

  /// Candidates in the largest set of the conformance checks.
  static let conformanceCandidates = 32_000
  /// Processor time that a step over that many candidates may take, in nanoseconds, as the median of several.
  public static let conformanceStepNanoseconds: UInt64 = 10_000_000
  /// Processor time that rendering one of the fixed conversations may take, in nanoseconds.
  public static let conformanceRenderNanoseconds: UInt64 = 50_000_000
  /// Processor time that encoding one text of the corpus may take, in nanoseconds.
  public static let conformanceEncodeNanoseconds: UInt64 = 50_000_000
  /// Tokens that a sampler must be able to accept.
  static let conformanceTokens = 1_000
  /// Instances that are made and destroyed to see what is left of them.
  static let conformanceInstances = 100
  /// Bytes that may be left of an instance, on average: less than the smallest block that `malloc` gives.
  static let conformanceLostBytes = 16
  /// Control tokens whose spelling is tried.
  static let conformanceControls = 64
  /// Memory that a library may use while it is opened and checked, in bytes.
  public static let conformanceBytes = 1 << 30
  /// How long threads that a library started may take to end, in milliseconds.
  static let threadEndMilliseconds = 500
}

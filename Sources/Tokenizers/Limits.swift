/// Every bound of this module on what comes from a file or a request.
public enum Limits {
  /// Most pieces in a vocabulary; the largest published ones have 262,144.
  public static let vocabularySize = 1 << 22
  /// Most bytes that all pieces of a vocabulary may have together.
  public static let vocabularyBytes = 1 << 28
  /// Longest piece of any kind, in bytes.
  public static let pieceBytes = 1 << 16
  /// Longest piece that is matched in the text as a whole (control, user-defined), in bytes: the cost of
  /// looking for special pieces is at most this many steps for each byte of text.
  public static let specialPieceBytes = 1 << 10
  /// Most bytes that all pieces matched as a whole may have together.
  public static let specialBytes = 1 << 22
  /// Most merge rules of a byte-pair vocabulary.
  public static let merges = 1 << 23
  /// Most bytes to look at while every piece is cut in two in every way; published vocabularies need
  /// some 30 million.
  public static let cutBytes = 1 << 30
  /// Longest text in one call, in bytes.
  public static let textBytes = 1 << 28
  /// Longest splitting pattern, in Unicode scalars.
  public static let patternScalars = 1 << 14
  /// Deepest nesting of groups and classes in a splitting pattern.
  public static let patternDepth = 64
  /// Most steps that a counted repetition in a splitting pattern may unfold to.
  public static let patternRepeat = 1024
  /// Most instructions of a compiled splitting pattern.
  public static let patternInstructions = 1 << 14
  /// Most states of the automaton of one splitting pattern.
  public static let patternStates = 1 << 12
  /// Most steps of building the automaton of one splitting pattern: well under a second.
  public static let patternSteps = 1 << 22
  /// Most conditions on the last scalar (`^`, `\b`, `(?<=\s)`) in one splitting pattern.
  public static let patternConditions = 16
  /// Most looks over more than one scalar in one splitting pattern: each doubles the width of its automaton.
  public static let patternLooks = 6
  /// Most distinct scalar sets in one splitting pattern: the width of the signature of a scalar.
  public static let patternSets = 64
  /// Largest `tokenizer.json` or `tokenizer.model`, in bytes; the largest published ones have 35 million.
  public static let fileBytes = 1 << 28
  /// Largest `tokenizer_config.json` or `special_tokens_map.json`, in bytes.
  public static let configBytes = 1 << 24
  /// Deepest nesting of arrays and objects in a JSON file.
  public static let jsonDepth = 64
  /// Most values in a JSON file.
  public static let jsonValues = 1 << 25
  /// Deepest nesting of sequences of components, and most components in all, of a `tokenizer.json`.
  public static let components = 256
  /// Most bytes that a text may have after normalisation.
  public static let normalizedBytes = 1 << 30
  /// Longest replacement, prefix or suffix that a normaliser may put into a text, in bytes.
  public static let replacementBytes = 1 << 10
  /// Longest sequence of bytes that one rule of a precompiled normalisation may match.
  public static let charsmapKeyBytes = 128
  /// Longest piece of a vocabulary that is matched by walking along the text, in bytes: the cost of a byte of
  /// text is at most this many steps.
  public static let walkedPieceBytes = 1 << 10
  /// Most ids that a post-processor may put before or after a text.
  public static let surroundingTokens = 64
  /// Longest text whose decoder needs all of it before the first byte is certain, in bytes.
  public static let heldBytes = 1 << 28
}

/// The bounds of this module on files and requests.
public enum Limits {
  /// Most pieces in a vocabulary; the largest published ones have 262,144.
  public static let vocabularySize = 1 << 22
  /// Most bytes of all pieces of a vocabulary together, ten times those of the largest published ones; finding pieces
  /// takes up to 32 times as much memory.
  public static let vocabularyBytes = 1 << 25
  /// Longest piece of any kind, in bytes.
  public static let pieceBytes = 1 << 16
  /// Longest piece that is matched in a text as a whole (control, user-defined), in bytes; finding special pieces takes
  /// at most this many steps for each byte of text.
  public static let specialPieceBytes = 1 << 10
  /// Most bytes of all pieces that are matched as a whole, together.
  public static let specialBytes = 1 << 22
  /// Most merge rules of a byte-pair vocabulary.
  public static let merges = 1 << 23
  /// Most bytes to examine while cutting every piece in two in every way; published vocabularies need about 30 million.
  public static let cutBytes = 1 << 30
  /// Bytes of a text, or of its normal form, after which others may have their turn: some tenths of a millisecond.
  static let sliceBytes = 4 << 10
  /// Longest text in one call, in bytes.
  public static let textBytes = 1 << 28
  /// Longest splitting pattern, in Unicode scalars.
  public static let patternScalars = 1 << 14
  /// Deepest nesting of groups and classes in a splitting pattern.
  public static let patternDepth = 64
  /// Largest count of a repetition in a splitting pattern.
  public static let patternRepeat = 1024
  /// Most instructions of a compiled splitting pattern.
  public static let patternInstructions = 1 << 14
  /// Most states of the automaton of one splitting pattern.
  public static let patternStates = 1 << 12
  /// Most steps of building the automaton of one splitting pattern, which take well under a second.
  public static let patternSteps = 1 << 22
  /// Most states and places that a search for matches remembers, about 100 MiB.
  static let rememberedSearches = 1 << 22
  /// Most conditions on the last scalar (`^`, `\b`, `(?<=\s)`) in one splitting pattern.
  public static let patternConditions = 16
  /// Most lookarounds over more than one scalar in one splitting pattern; each doubles the width of its automaton.
  public static let patternLooks = 6
  /// Most distinct scalar sets in one splitting pattern: the bits in the signature of a scalar.
  public static let patternSets = 64
  /// Most texts, such as "ss" for "ß", that a class of a pattern also takes when it ignores case.
  static let foldedTexts = 16
  /// Largest `tokenizer.json` or `tokenizer.model`, in bytes; the largest published ones have 35 million.
  public static let fileBytes = 1 << 28
  /// Largest `tokenizer_config.json` or `special_tokens_map.json`, in bytes.
  public static let configBytes = 1 << 24
  /// Deepest nesting of arrays and objects in a JSON file.
  public static let jsonDepth = 64
  /// Most values in a JSON file.
  public static let jsonValues = 1 << 25
  /// Most components of one kind in a `tokenizer.json`; published files have fewer than ten.
  public static let components = 64
  /// Most bytes of a text after normalization.
  public static let normalizedBytes = 1 << 29
  /// Most bytes that normalization may make of each byte of a text; the longest compatibility form of Unicode with
  /// stand-ins for its bytes takes 18.
  public static let normalizedGrowth = 32
  /// Bytes that normalization may add to any text beyond that.
  public static let normalizedRoom = 1 << 14
  /// Most bytes that decoders may make of one piece, and of each 64 KiB of a text that they decode as a whole.
  public static let decodedPieceBytes = 1 << 20
  /// Longest replacement, prefix or suffix that a normalizer may put into a text, in bytes.
  public static let replacementBytes = 1 << 10
  /// Longest sequence that one rule of a precompiled normalization may match, in bytes.
  public static let charsmapKeyBytes = 128
  /// Longest piece that is matched by walking along the text, in bytes; a byte of text takes at most this many steps.
  public static let walkedPieceBytes = 1 << 10
  /// Most ids that a post-processor may put before or after a text.
  public static let surroundingTokens = 64
  /// Longest text that a decoder may hold back until all of it is known, in bytes.
  public static let heldBytes = 1 << 26
  /// Bytes of a text that a sentence about it repeats.
  static let shownTextBytes = 80
}

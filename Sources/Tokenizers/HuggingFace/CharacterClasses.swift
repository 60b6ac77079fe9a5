/// The classes of characters that components of a `tokenizer.json` ask for by name.
enum CharacterClasses {
  /// White_Space.
  @inline(__always)
  static func isSpace(_ scalar: UInt32) -> Bool {
    if scalar < 0x80 { return scalar == 0x20 || scalar >= 0x09 && scalar <= 0x0D }
    return ScalarSet.whiteSpace.contains(scalar)
  }

  private static let marks = ScalarSet.other("accents of StripAccents")
  private static let accents = ScalarSet.other("accents of BertNormalizer")
  private static let controls = ScalarSet.other("removed by BertNormalizer")
  private static let words = ScalarSet.other("words of Whitespace")

  /// A mark of any kind, as StripAccents has it.
  static func isMark(_ scalar: UInt32) -> Bool { scalar >= 0x300 && marks.contains(scalar) }

  /// A nonspacing mark, as BERT's normalizer has it.
  static func isNonspacingMark(_ scalar: UInt32) -> Bool {
    scalar >= 0x300 && accents.contains(scalar)
  }

  /// A character that BERT's normalizer removes: control, format, private use; tab and line ends are not among them.
  static func isControlForBERT(_ scalar: UInt32) -> Bool {
    if scalar < 0x7F { return scalar < 0x20 && scalar != 0x09 && scalar != 0x0A && scalar != 0x0D }
    return controls.contains(scalar)
  }

  /// An ideograph that BERT's normalizer surrounds with spaces.
  static func isHanForBERT(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
      0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }

  private static let scripts = ScalarPartition.scriptsOfSplitting.numbers(except: "Zzzz")

  /// A number for the script that the UnicodeScripts pre-tokenizer sees; -1 for none.
  static func script(_ scalar: UInt32) -> Int32 { scripts[scalar] }

  /// A character that `\w` matches in Rust's regex.
  static func isWord(_ scalar: UInt32) -> Bool { words.contains(scalar) }
}

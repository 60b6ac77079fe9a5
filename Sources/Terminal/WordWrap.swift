/// Breaks a stream of text at the right edge of a terminal between words instead of within them.
///
/// A word is held back until its end is known. A word that is wider than the terminal stays whole, so that an
/// address can still be copied.
public struct WordWrap: Sendable {
  /// The column where the next character goes.
  private var column = 0
  /// Blanks that have not been written: a line break can take their place.
  private var blanks = ""
  /// The word that has begun.
  private var word = ""

  /// A stream that begins in the first column.
  public init() {}

  /// A whole text in lines of at most `columns` columns, as far as its words allow.
  public static func wrapped(_ text: String, columns: Int) -> String {
    var wrap = WordWrap()
    return wrap.add(text, columns: columns) + wrap.finish(columns: columns)
  }

  /// Adds a piece; returns what can be written now.
  public mutating func add(_ piece: String, columns: Int) -> String {
    var result = ""
    // The next piece can still add to the last character, so that is looked at again.
    let text = word + piece
    word = ""
    for character in text {
      switch character {
      case "\n", "\r\n":
        result += released(columns) + blanks + "\n"
        blanks = ""
        column = 0
      case " ", "\t":
        result += released(columns)
        blanks.append(character)
      default:
        if let last = word.last, Self.canBreak(last, character) { result += released(columns) }
        word.append(character)
      }
    }
    return result
  }

  /// What is held back, at the end of the stream.
  public mutating func finish(columns: Int) -> String {
    let result = released(columns) + blanks
    self = WordWrap()
    return result
  }

  /// The word that has ended, after its blanks or in a new line.
  private mutating func released(_ columns: Int) -> String {
    if word.isEmpty { return "" }
    let gap = blanks.reduce(0) { $0 + ($1 == "\t" ? 8 - (column + $0) % 8 : 1) }
    let width = DisplayWidth.of(word)
    defer { (blanks, word) = ("", "") }
    let breaks = column > 0 && column + gap + width > columns
    column = breaks ? width : column + gap + width
    // The terminal breaks what is wider than itself.
    if column > columns { column = (column - 1) % max(1, columns) + 1 }
    return (breaks ? "\n" : blanks) + word
  }

  /// Whether a line can end between two characters without a blank: around wide ones, but not between Korean
  /// syllables, whose words are spaced, nor before a mark that closes.
  private static func canBreak(_ left: Character, _ right: Character) -> Bool {
    guard isIdeographic(left) || isIdeographic(right) else { return false }
    let category = right.unicodeScalars.first?.properties.generalCategory
    let opens = left.unicodeScalars.first?.properties.generalCategory == .openPunctuation
    let closing: [Unicode.GeneralCategory?] = [
      .closePunctuation, .finalPunctuation, .otherPunctuation, .modifierLetter,
    ]
    return !opens && !closing.contains(category)
  }

  private static func isIdeographic(_ character: Character) -> Bool {
    guard let value = character.unicodeScalars.first?.value, DisplayWidth.of(character) == 2 else {
      return false
    }
    let isKorean =
      (0x1100...0x11FF).contains(value) || (0xA960...0xA97F).contains(value)
      || (0xAC00...0xD7FF).contains(value) || (0x3130...0x318F).contains(value)
    return !isKorean
  }
}

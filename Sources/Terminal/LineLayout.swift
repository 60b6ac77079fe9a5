/// The rows of an edited line on a screen of a given width, and the cursor in them.
public struct LineLayout: Sendable, Equatable {
  /// The text of each row; control characters appear as `^I`.
  public private(set) var rows = [""]
  /// The cursor's row.
  public private(set) var cursorRow = 0
  /// The cursor's column, always less than the screen's width.
  public private(set) var cursorColumn = 0

  private let columns: Int
  private var used = 0

  /// Lays out a prompt and a line with its cursor.
  public init(prompt: String, before: String, after: String, columns: Int) {
    self.columns = max(2, columns)
    add(prompt)
    add(before)
    // A cursor after the last column belongs to the next row.
    let next = after.first.map { $0 == "\n" ? 0 : max(1, DisplayWidth.of(Self.visible($0))) } ?? 1
    if used + next > self.columns { breakRow() }
    cursorRow = rows.count - 1
    // Before a newline there is no next row of the same line: the cursor stays on the last column.
    cursorColumn = min(used, self.columns - 1)
    add(after)
  }

  private mutating func add(_ text: String) {
    for character in text {
      if character == "\n" {
        breakRow()
        continue
      }
      let shown = Self.visible(character)
      let width = DisplayWidth.of(shown)
      if used + width > columns { breakRow() }
      rows[rows.count - 1] += shown
      used += width
    }
  }

  private mutating func breakRow() {
    rows.append("")
    used = 0
  }

  private static func visible(_ character: Character) -> String {
    guard let value = character.unicodeScalars.first?.value, value < 0x20 || (0x7F..<0xA0).contains(value)
    else {
      return SafeText.escaping(String(character))
    }
    guard value < 0x20, let letter = Unicode.Scalar(value + 0x40) else { return "^?" }
    return "^" + String(letter)
  }

  /// Terminal output that redraws the line; `previousRow` is the cursor row of the previous drawing.
  public func drawing(over previousRow: Int) -> String {
    let up = previousRow > 0 ? "\u{1B}[\(previousRow)A" : ""
    var result = "\u{1B}[?25l\r" + up + "\u{1B}[J" + rows.joined(separator: "\r\n")
    let back = rows.count - 1 - cursorRow
    if back > 0 { result += "\u{1B}[\(back)A" }
    result += "\r"
    if cursorColumn > 0 { result += "\u{1B}[\(cursorColumn)C" }
    return result + "\u{1B}[?25h"
  }

  /// Terminal output that moves the cursor to the start of the row after the text.
  public var leaving: String {
    let down = rows.count - 1 - cursorRow
    return (down > 0 ? "\u{1B}[\(down)B" : "") + "\r\n"
  }
}

/// Texts in columns beside each other, as wide as the terminal.
public enum SideBySide {
  private static let gap = 3
  private static let leastWidth = 24

  /// The columns of each of `count` texts; nil if they would be too narrow to read, or there is no terminal.
  public static func width(of count: Int, columns: Int?) -> Int? {
    guard let columns, count > 0 else { return nil }
    let width = (columns - gap * (count - 1)) / count
    return width >= leastWidth ? width : nil
  }

  /// The texts beside each other, each `width` columns wide; they contain no control characters but newlines.
  public static func text(_ texts: [String], width: Int) -> String {
    let columns = texts.map { lines($0, width: width) }
    var result = ""
    for row in 0..<(columns.map(\.count).max() ?? 0) {
      var line = ""
      for (index, column) in columns.enumerated() {
        let cell = row < column.count ? column[row] : ""
        line += cell
        let isLast = index == columns.count - 1
        if !isLast { line += String(repeating: " ", count: max(0, width - DisplayWidth.of(cell)) + gap) }
      }
      while line.last == " " { line.removeLast() }
      result += line + "\n"
    }
    return result
  }

  /// Lines of at most `width` columns; a word that is wider is broken.
  static func lines(_ text: String, width: Int) -> [String] {
    let spaced = text.replacing("\t", with: "    ")
    var lines: [String] = []
    for line in WordWrap.wrapped(spaced, columns: width).split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      var part = ""
      var used = 0
      for character in line {
        let wide = DisplayWidth.of(character)
        if used + wide > width, !part.isEmpty {
          lines.append(part)
          (part, used) = ("", 0)
        }
        part.append(character)
        used += wide
      }
      lines.append(part)
    }
    return lines
  }
}

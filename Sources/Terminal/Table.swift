/// A text table with aligned columns, two spaces apart.
public struct Table: Sendable {
  /// The heading and alignment of a column.
  public struct Column: Sendable {
    /// The heading; a table with only empty headings has no heading row.
    public var title: String
    /// Whether cells are aligned at the right, as numbers are.
    public var right: Bool

    /// A column, left-aligned by default.
    public init(_ title: String, right: Bool = false) {
      self.title = title
      self.right = right
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  /// A table that has no rows yet.
  public init(_ columns: [Column]) {
    self.columns = columns
  }

  /// Adds a row; newlines in a cell become symbols, missing cells are empty.
  public mutating func add(_ cells: [String]) {
    rows.append(cells.map(SafeText.oneLine))
  }

  /// The lines, each with its newline; first the headings, unless all are empty.
  public var text: String { text(columns: nil) }

  /// The lines in at most `columns` columns if possible, nil for any number.
  ///
  /// Columns move together, then cells of left-aligned ones are wrapped. Where even that is too wide, each row becomes
  /// a block of lines, one for each heading.
  public func text(columns limit: Int?) -> String {
    let widths = widths(of: lines)
    func text(_ widths: [Int], _ gap: Int = 2) -> String { lines.map { wrapped($0, widths, gap) }.joined() }
    guard let limit, Self.total(widths, 2) > limit else { return text(widths) }
    if Self.total(widths, 1) <= limit { return text(widths, 1) }
    for floor in [longestWords, columns.map { _ in Limits.cellColumns }] {
      for gap in [2, 1] {
        if let narrow = narrowed(widths, floor, gap, to: limit) { return text(narrow, gap) }
      }
    }
    return isHeaded ? blocks(limit) : text(squeezed(widths, to: limit))
  }

  private var isHeaded: Bool { columns.contains { !$0.title.isEmpty } }
  private var lines: [[String]] { (isHeaded ? [columns.map { SafeText.oneLine($0.title) }] : []) + rows }

  private func widths(of lines: [[String]]) -> [Int] {
    columns.indices.map { index in
      lines.map { index < $0.count ? DisplayWidth.of($0[index]) : 0 }.max() ?? 0
    }
  }

  private static func total(_ widths: [Int], _ gap: Int) -> Int {
    widths.reduce(0, +) + gap * max(0, widths.count - 1)
  }

  /// The width of the longest word of each column.
  private var longestWords: [Int] {
    columns.indices.map { index in
      let words = rows.flatMap { index < $0.count ? $0[index].split(separator: " ") : [] }
      return max(Limits.cellColumns, words.map { DisplayWidth.of($0) }.max() ?? 0)
    }
  }

  /// The widths after wrapping the widest of the left-aligned columns; nil if the table cannot be made to fit.
  private func narrowed(_ widths: [Int], _ floor: [Int], _ gap: Int, to limit: Int) -> [Int]? {
    var result = widths
    var excess = Self.total(widths, gap) - limit
    while excess > 0 {
      let candidates = columns.indices.filter {
        !columns[$0].right && result[$0] > max(floor[$0], DisplayWidth.of(columns[$0].title))
      }
      guard let widest = candidates.max(by: { result[$0] < result[$1] }) else { return nil }
      result[widest] -= 1
      excess -= 1
    }
    return result
  }

  /// The widths with what is left of the line for the last column.
  private func squeezed(_ widths: [Int], to limit: Int) -> [Int] {
    var result = widths
    if let last = result.popLast() {
      result.append(max(1, min(last, limit - Self.total(result, 2) - (result.isEmpty ? 0 : 2))))
    }
    return result
  }

  /// A row over as many lines as its longest cell needs.
  private func wrapped(_ cells: [String], _ widths: [Int], _ gap: Int) -> String {
    let pieces = columns.indices.map { index in
      Self.pieces(index < cells.count ? cells[index] : "", width: widths[index])
    }
    let height = pieces.map(\.count).max() ?? 0
    return (0..<height).map { row in
      line(of: pieces.map { row < $0.count ? $0[row] : "" }, widths, gap)
    }.joined()
  }

  /// The lines of a cell; a word that is wider than the column is cut.
  private static func pieces(_ cell: String, width: Int) -> [String] {
    var pieces: [String] = []
    for line in WordWrap.wrapped(cell, columns: width).split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      var piece = ""
      var used = 0
      for character in line {
        let next = DisplayWidth.of(character)
        if used + next > width, !piece.isEmpty {
          pieces.append(piece)
          (piece, used) = ("", 0)
        }
        piece.append(character)
        used += next
      }
      pieces.append(piece)
    }
    return pieces
  }

  /// Each row as a small table of headings and cells, with an empty line between rows.
  private func blocks(_ limit: Int) -> String {
    rows.map { row in
      var block = Table([.init(""), .init("")])
      for (index, column) in columns.enumerated() where index < row.count && !row[index].isEmpty {
        block.rows.append([column.title, row[index]])
      }
      return block.text(columns: limit)
    }.joined(separator: "\n")
  }

  private func line(of cells: [String], _ widths: [Int], _ gap: Int) -> String {
    var result = ""
    for (index, column) in columns.enumerated() {
      let cell = index < cells.count ? cells[index] : ""
      let padding = String(repeating: " ", count: max(0, widths[index] - DisplayWidth.of(cell)))
      result +=
        (index == 0 ? "" : String(repeating: " ", count: gap))
        + (column.right ? padding + cell : cell + padding)
    }
    while result.last == " " { result.removeLast() }
    return result + "\n"
  }
}

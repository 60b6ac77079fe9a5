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
  public var text: String {
    let headed = columns.contains { !$0.title.isEmpty }
    let lines = (headed ? [columns.map(\.title)] : []) + rows
    let widths = columns.indices.map { index in
      lines.map { index < $0.count ? DisplayWidth.of($0[index]) : 0 }.max() ?? 0
    }
    return lines.map { line(of: $0, widths) + "\n" }.joined()
  }

  private func line(of cells: [String], _ widths: [Int]) -> String {
    var result = ""
    for (index, column) in columns.enumerated() {
      let cell = index < cells.count ? cells[index] : ""
      let padding = String(repeating: " ", count: max(0, widths[index] - DisplayWidth.of(cell)))
      result += (index == 0 ? "" : "  ") + (column.right ? padding + cell : cell + padding)
    }
    while result.last == " " { result.removeLast() }
    return result
  }
}

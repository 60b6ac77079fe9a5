/// Rows of cells in aligned columns, two spaces apart.
public struct Table: Sendable {
  /// A column's heading and side.
  public struct Column: Sendable {
    /// The heading.
    public var title: String
    /// Whether cells stand at the right, as numbers do.
    public var right: Bool

    /// A column.
    public init(_ title: String, right: Bool = false) {
      self.title = title
      self.right = right
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  /// A table without rows.
  public init(_ columns: [Column]) {
    self.columns = columns
  }

  /// Adds a row; cells are shown in one line each, missing ones are empty.
  public mutating func add(_ cells: [String]) {
    rows.append(cells.map(SafeText.oneLine))
  }

  /// The lines, each with its newline; a heading first unless every title is empty.
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

import Terminal

/// Names and values in two columns, without the empty ones.
struct Fields {
  private var table = Table([.init(""), .init("")])

  /// Adds a line, unless the value is empty.
  mutating func add(_ name: String, _ value: String) {
    if !value.isEmpty { table.add([name, value]) }
  }

  /// The lines, each with its newline, as standard output is wide.
  var text: String { table.fitted }
  /// The lines, as standard error is wide.
  var note: String { table.text(columns: Console.current.errorColumns) }
}

extension Table {
  /// The lines, as standard output is wide.
  var fitted: String { text(columns: Console.current.columns) }
}

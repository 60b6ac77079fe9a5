import Terminal

/// Names and values in two columns; empty values are left out.
struct Fields {
  private var table = Table([.init(""), .init("")])

  /// Adds a line.
  mutating func add(_ name: String, _ value: String) {
    if !value.isEmpty { table.add([name, value]) }
  }

  /// The lines.
  var text: String { table.text }
}

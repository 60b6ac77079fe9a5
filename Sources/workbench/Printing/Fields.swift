import Terminal

/// Names and values in two columns, without the empty ones.
struct Fields {
  private var table = Table([.init(""), .init("")])

  /// Adds a line, unless the value is empty.
  mutating func add(_ name: String, _ value: String) {
    if !value.isEmpty { table.add([name, value]) }
  }

  /// The lines, each with its newline.
  var text: String { table.text }
}

/// The filters by name: all of jinja2's, and `tojson` as transformers has it.
///
/// Semantics: https://jinja.palletsprojects.com/en/stable/templates/#list-of-builtin-filters
enum Filters {
  typealias Function = @Sendable (Interpreter, Object, Arguments) throws(JinjaError) -> Object

  static let table: [String: Function] = {
    var table: [String: Function] = [:]
    for group in [text, sequences, numbers, markup] {
      table.merge(group) { first, _ in first }
    }
    return table
  }()
}

extension Interpreter {
  /// The text of a filter's input: `str()` of whatever it is.
  func soft(_ value: Object) throws(JinjaError) -> Text { try str(value) }

  /// Sorts stably; the order is that of the keys at the places.
  func sorted(_ places: [Int], by keys: [Object], isReversed: Bool = false) throws(JinjaError) -> [Int] {
    // Reversed order keeps equal items in their order, as Python does.
    func isBefore(_ a: Int, _ b: Int) throws(JinjaError) -> Bool {
      try tick()
      return isReversed ? try isLess(keys[b], keys[a]) : try isLess(keys[a], keys[b])
    }
    var source = places
    var width = 1
    while width < source.count {
      var target: [Int] = []
      target.reserveCapacity(source.count)
      var start = 0
      while start < source.count {
        let middle = min(start + width, source.count)
        let end = min(start + 2 * width, source.count)
        var (left, right) = (start, middle)
        while left < middle, right < end {
          if try isBefore(source[right], source[left]) {
            target.append(source[right])
            right += 1
          } else {
            target.append(source[left])
            left += 1
          }
        }
        target += source[left..<middle]
        target += source[right..<end]
        start = end
      }
      source = target
      width *= 2
    }
    return source
  }

  /// Lower-cases strings for comparisons that ignore case.
  func foldCase(_ value: Object) throws(JinjaError) -> Object {
    guard case .string(let text) = value else { return value }
    return .string(try Casing(style: .lower).apply(text, self))
  }

  /// The value that a path such as `a.b.0` leads to; nil as path gives the value itself.
  func follow(_ path: Object?, from value: Object, fallback: Object? = nil) throws(JinjaError) -> Object {
    guard let path else { return value }
    var current = value
    for part in try parts(of: path) {
      try tick()
      current = try item(of: current, part)
      if case .undefined = current, let fallback { current = fallback }
    }
    return current
  }

  /// The longest path of attributes, in UTF-8 bytes.
  private static let pathBytes = 4096

  private func parts(of path: Object) throws(JinjaError) -> [Object] {
    switch path {
    case .none: return []
    case .int: return [path]
    default: break
    }
    let text = try str(path).string
    guard text.utf8.count <= Self.pathBytes else {
      throw JinjaError(.limit, "an attribute path of more than \(Self.pathBytes) bytes")
    }
    try charge(items: text.utf8.count)
    return text.split(separator: ".", omittingEmptySubsequences: false).map { part in
      let isNumber = !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
      return isNumber ? Int(part).map(Object.int) ?? .text(String(part)) : .text(String(part))
    }
  }
}

import JSON

/// A literal or a regular expression that a component searches for.
enum TextPattern: Sendable {
  case literal([UInt8])
  case automaton(SplitAutomaton)

  /// Reads `{"String": …}` or `{"Regex": …}`.
  init(_ value: JSONValue) throws(TokenizerError) {
    if let literal = try value.member("String") {
      let bytes = try literal.bytes()
      guard bytes.count <= Limits.replacementBytes else {
        throw .limit(name: "replacementBytes", found: bytes.count, maximum: Limits.replacementBytes)
      }
      // An empty literal matches in front of every character and at the end.
      self = bytes.isEmpty ? .automaton(try SplitAutomaton("")) : .literal(bytes)
    } else if let pattern = try value.member("Regex") {
      self = .automaton(try SplitAutomaton(try pattern.text(), dialect: .oniguruma))
    } else {
      throw value.error("expected {\"String\": …} or {\"Regex\": …}")
    }
  }

  /// Calls `body` with every match in `range` and every stretch between matches, in order.
  func forEach(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>,
    _ body: (Range<Int>, _ isMatch: Bool) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    guard let base = text.baseAddress, !range.isEmpty else { return }
    var gap = range.lowerBound
    func add(_ match: Range<Int>) throws(TokenizerError) {
      if gap < match.lowerBound { try body(gap..<match.lowerBound, false) }
      try body(match, true)
      gap = match.upperBound
    }
    switch self {
    case .automaton(let automaton):
      var scanner = MatchScanner(automaton, base, range)
      while let match = try scanner.next() { try add(match) }
    case .literal(let literal):
      var position = range.lowerBound
      while position < range.upperBound {
        if let end = Self.end(of: literal, text, position, range.upperBound) {
          try add(position..<end)
          position = end
        } else {
          position += 1
        }
      }
    }
    if gap < range.upperBound { try body(gap..<range.upperBound, false) }
  }

  @inline(__always)
  private static func end(
    of literal: [UInt8], _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
  ) -> Int? {
    guard let first = literal.first, text[start] == first, end - start >= literal.count else { return nil }
    for index in 1..<max(1, literal.count) where text[start + index] != literal[index] { return nil }
    return start + literal.count
  }
}

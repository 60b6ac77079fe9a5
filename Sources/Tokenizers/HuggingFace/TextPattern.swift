/// What a component looks for in a text: a literal or a pattern.
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
      self = .literal(bytes)
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
    guard let base = text.baseAddress else { return }
    var scanner: MatchScanner? = if case .automaton(let automaton) = self { MatchScanner(automaton) } else { nil }
    var position = range.lowerBound
    var gap = position
    while position < range.upperBound {
      let end: Int? =
        if case .literal(let literal) = self {
          Self.end(of: literal, text, position, range.upperBound)
        } else {
          scanner?.matchEnd(base, from: position, to: range.upperBound)
        }
      if let end {
        if gap < position { try body(gap..<position, false) }
        try body(position..<end, true)
        position = end
        gap = end
      } else {
        position += UTF8Scalar.decode(base, at: position, to: range.upperBound).length
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

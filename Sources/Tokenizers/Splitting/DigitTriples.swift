/// Cuts runs of digits into threes counted from the end of the run: "1234567" is "1", "234", "567".
///
/// It is the pass that patterns write as `\d{1,3}(?=(?:\d{3})*\b)` or `(?=(\d{3})+(?!\d))`: a lookahead of
/// any length, which `SplitAutomaton` does not have.
struct DigitTriples: Sendable {
  private let digits: SplitAutomaton
  private let wordAfter: SplitAutomaton?

  /// `set` is the class of a digit ("\\p{N}"); with `needsWordEnd` a run that a letter follows stays whole.
  init(set: String, needsWordEnd: Bool) throws(TokenizerError) {
    digits = try SplitAutomaton("\(set)+")
    wordAfter = needsWordEnd ? try SplitAutomaton("\\w") : nil
  }

  /// Calls `body` with each piece of `range`, in order.
  func cut(
    _ text: UnsafePointer<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    var position = range.lowerBound
    var gap = position
    while position < range.upperBound {
      guard let end = digits.matchEnd(text, from: position, to: range.upperBound) else {
        position += UTF8Scalar.decode(text, at: position, to: range.upperBound).length
        continue
      }
      if wordAfter?.matchEnd(text, from: end, to: range.upperBound) == nil {
        if gap < position { try body(gap..<position) }
        try cutRun(text, position..<end, body)
        gap = end
      }
      position = end
    }
    if gap < range.upperBound { try body(gap..<range.upperBound) }
  }

  private func cutRun(
    _ text: UnsafePointer<UInt8>, _ run: Range<Int>, _ body: (Range<Int>) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    var left = 0
    var position = run.lowerBound
    while position < run.upperBound {
      position += UTF8Scalar.decode(text, at: position, to: run.upperBound).length
      left += 1
    }
    var start = run.lowerBound
    position = start
    while position < run.upperBound {
      position += UTF8Scalar.decode(text, at: position, to: run.upperBound).length
      left -= 1
      if left % 3 == 0 {
        try body(start..<position)
        start = position
      }
    }
  }
}

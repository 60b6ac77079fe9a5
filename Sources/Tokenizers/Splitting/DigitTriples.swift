/// Cuts runs of digits into threes counted from the end of the run: "1234567" is "1", "234", "567".
///
/// It is the pass that patterns write as `\d{1,3}(?=(?:\d{3})*\b)` or `(?=(\d{3})+(?!\d))`: a lookahead of
/// any length, which `SplitAutomaton` does not have.
struct DigitTriples: Sendable {
  /// What happens where a run meets other text.
  enum Edges: Sendable {
    /// The run is cut off from what is around it.
    case cut
    /// The same, but a run that a letter follows is left alone.
    case cutUnlessWord
    /// Only the places between threes are cut.
    case keep
  }

  private let digits: SplitAutomaton
  private let word: SplitAutomaton
  private let edges: Edges

  /// `set` is the class of a digit ("\\p{N}").
  init(set: String, edges: Edges) throws(TokenizerError) {
    digits = try SplitAutomaton("\(set)+")
    word = try SplitAutomaton("\\w")
    self.edges = edges
  }

  /// Calls `body` with each piece of `range`, in order.
  func cut(
    _ text: UnsafePointer<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    var position = range.lowerBound
    var start = position
    while position < range.upperBound {
      guard let end = digits.matchEnd(text, from: position, to: range.upperBound) else {
        position += UTF8Scalar.decode(text, at: position, to: range.upperBound).length
        continue
      }
      if edges == .cutUnlessWord, word.matchEnd(text, from: end, to: range.upperBound) != nil {
        position = end
        continue
      }
      if edges != .keep, start < position {
        try body(start..<position)
        start = position
      }
      var left = Self.count(text, position..<end)
      while position < end {
        if left % 3 == 0, start < position {
          try body(start..<position)
          start = position
        }
        position += UTF8Scalar.decode(text, at: position, to: end).length
        left -= 1
      }
      if edges != .keep, start < end {
        try body(start..<end)
        start = end
      }
    }
    if start < range.upperBound { try body(start..<range.upperBound) }
  }

  private static func count(_ text: UnsafePointer<UInt8>, _ run: Range<Int>) -> Int {
    var count = 0
    var position = run.lowerBound
    while position < run.upperBound {
      position += UTF8Scalar.decode(text, at: position, to: run.upperBound).length
      count += 1
    }
    return count
  }
}

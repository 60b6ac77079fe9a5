/// Cuts runs of digits into groups of three from the end of the run: "1234567" becomes "1", "234", "567".
///
/// It does the same as the patterns `\d{1,3}(?=(?:\d{3})*\b)` and `(?=(\d{3})+(?!\d))` in one pass over the digits.
struct DigitTriples: Sendable {
  /// How a run is cut where it meets other text.
  enum Edges: Sendable {
    /// The run is cut off from what is around it.
    case cut
    /// The run is cut off from what is around it, unless a letter follows: then it is not cut at all.
    case cutUnlessWord
    /// Only the places between groups are cut.
    case keep
  }

  private let digits: SplitAutomaton
  private let word: SplitAutomaton
  private let edges: Edges

  /// A pass for runs of the class `set` ("\\p{N}").
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

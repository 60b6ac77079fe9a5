/// Cuts a text into the pieces that byte-pair merging never crosses.
///
/// It applies passes in turn; each cuts every piece of the pass before into matches and the text between matches.
struct Splitter: Sendable {
  /// One pass over a piece.
  enum Pass: Sendable {
    /// Every match of the pattern becomes a piece.
    case pattern(SplitAutomaton)
    /// Every run of digits is cut into groups of three from its end.
    case digitTriples(DigitTriples)
  }

  let passes: [Pass]

  /// Calls `body` with each piece of `range`, in order.
  @inline(__always)
  func forEachPiece(
    _ text: UnsafePointer<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    guard !range.isEmpty else { return }
    if passes.count == 1, case .pattern(let automaton) = passes[0] {
      try Self.cut(automaton, text, range, body)
    } else {
      try cut(text, range, pass: 0, body)
    }
  }

  private func cut(
    _ text: UnsafePointer<UInt8>, _ range: Range<Int>, pass: Int,
    _ body: (Range<Int>) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    guard pass < passes.count else { return try body(range) }
    switch passes[pass] {
    case .pattern(let automaton):
      try Self.cut(automaton, text, range) { (piece) throws(TokenizerError) in
        try cut(text, piece, pass: pass + 1, body)
      }
    case .digitTriples(let triples):
      try triples.cut(text, range) { (piece) throws(TokenizerError) in
        try cut(text, piece, pass: pass + 1, body)
      }
    }
  }

  @inline(__always)
  private static func cut(
    _ automaton: SplitAutomaton, _ text: UnsafePointer<UInt8>, _ range: Range<Int>,
    _ body: (Range<Int>) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    var scanner = MatchScanner(automaton, text, range)
    var gap = range.lowerBound
    while let match = try scanner.next() {
      if gap < match.lowerBound { try body(gap..<match.lowerBound) }
      if !match.isEmpty { try body(match) }
      gap = match.upperBound
    }
    if gap < range.upperBound { try body(gap..<range.upperBound) }
  }
}

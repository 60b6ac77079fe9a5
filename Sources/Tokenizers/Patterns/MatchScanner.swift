/// Finds the matches of one pattern in one stretch of text, one after the other, in linear time.
///
/// A pattern may look far ahead without finding a match, and do so again from every place. Far searches that failed are
/// remembered by state and place, so that none is repeated (Reps, "Maximal-munch tokenization in linear time", 1998);
/// short ones, which are all that published patterns need, are not.
struct MatchScanner {
  private let automaton: SplitAutomaton
  private let text: UnsafePointer<UInt8>
  private let range: Range<Int>
  private let answers: [UInt8]
  private var position: Int
  private var lastEnd = -1
  private var remembers: Bool
  private var failures: Set<UInt64> = []
  /// The number of bytes that a search may look ahead in vain before it counts as far.
  static let shortLook = 256

  /// A scanner of `automaton` for the bytes `range` of `text`.
  @inline(__always)
  init(_ automaton: SplitAutomaton, _ text: UnsafePointer<UInt8>, _ range: Range<Int>) {
    self.automaton = automaton
    self.text = text
    self.range = range
    position = range.lowerBound
    remembers = !automaton.isPlain
    answers = automaton.isPlain ? [] : automaton.answers(text, range)
  }

  /// The next match, or nil; an empty match counts unless the last match ended there.
  @inline(__always)
  mutating func next() -> Range<Int>? {
    while position < range.upperBound {
      if remembers { return nextOfAny() }
      var reach = position
      let end = automaton.matchEnd(text, from: position, to: range.upperBound, reach: &reach)
      if reach - (end ?? position) > Self.shortLook { remembers = true }
      let start = position
      if let end {
        position = end
        return start..<end
      }
      position += UTF8Scalar.decode(text, at: start, to: range.upperBound).length
    }
    return remembers ? nextOfAny() : nil
  }

  private mutating func nextOfAny() -> Range<Int>? {
    while position <= range.upperBound {
      let start = position
      let end = automaton.matchEnd(text, from: start, in: range, answers: answers, failures: &failures)
      if let end, end > start {
        (position, lastEnd) = (end, end)
        return start..<end
      }
      let isLast = start == range.upperBound
      position += isLast ? 1 : UTF8Scalar.decode(text, at: start, to: range.upperBound).length
      if end != nil, lastEnd != start {
        lastEnd = start
        return start..<start
      }
    }
    return nil
  }
}

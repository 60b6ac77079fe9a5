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
  /// At how many failures those behind the position are forgotten.
  private var pruning: Int
  private let limit: Int
  /// The number of bytes that a search may look ahead in vain before it counts as far.
  static let shortLook = 256
  /// The number of failures that are kept without looking whether they are still needed.
  static let fewFailures = 1 << 14

  /// A scanner of `automaton` for the bytes `range` of `text`, which remembers up to `limit` searches.
  @inline(__always)
  init(
    _ automaton: SplitAutomaton, _ text: UnsafePointer<UInt8>, _ range: Range<Int>,
    limit: Int = Limits.rememberedSearches
  ) {
    self.automaton = automaton
    self.limit = limit
    pruning = min(limit, Self.fewFailures)
    self.text = text
    self.range = range
    position = range.lowerBound
    remembers = !automaton.isPlain
    answers = automaton.isPlain ? [] : automaton.answers(text, range)
  }

  /// The next match, or nil; an empty match counts unless the last match ended there.
  @inline(__always)
  mutating func next() throws(TokenizerError) -> Range<Int>? {
    while position < range.upperBound {
      if remembers { return try nextOfAny() }
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
    return remembers ? try nextOfAny() : nil
  }

  /// How many searches it remembers.
  var rememberedCount: Int { failures.count }

  /// Forgets what no later search can come to, and throws when too much is left.
  private mutating func prune() throws(TokenizerError) {
    failures = failures.filter { SplitAutomaton.place(ofFailure: $0) > position }
    guard failures.count < limit else {
      throw .limit(name: "rememberedSearches", found: failures.count + 1, maximum: limit)
    }
    pruning = min(limit, max(Self.fewFailures, failures.count * 2))
  }

  private mutating func nextOfAny() throws(TokenizerError) -> Range<Int>? {
    while position <= range.upperBound {
      if failures.count >= pruning { try prune() }
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

/// Finds the matches of one pattern in one stretch of text, one place after the other, in linear time.
///
/// A pattern may look far ahead and come back without a match, again from every place. What was reached in vain is
/// remembered, so that no later search from the same state and place goes further (Reps, "Maximal-munch tokenization in
/// linear time", 1998); short looks ahead, which is all that published patterns need, are not.
struct MatchScanner {
  private let automaton: SplitAutomaton
  private var remembers = false
  private var failures: Set<UInt64> = []
  /// How far ahead a search may look in vain before it counts as far.
  static let shortLook = 256

  /// A scanner of `automaton` for one stretch of text.
  init(_ automaton: SplitAutomaton) {
    self.automaton = automaton
  }

  /// The end of the match that begins at `start`; nil for none or an empty one. `end` is the same in every call.
  @inline(__always)
  mutating func matchEnd(_ text: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int? {
    if remembers { return automaton.matchEnd(text, from: start, to: end, failures: &failures) }
    var reach = start
    let match = automaton.matchEnd(text, from: start, to: end, reach: &reach)
    if reach - (match ?? start) > Self.shortLook { remembers = true }
    return match
  }
}

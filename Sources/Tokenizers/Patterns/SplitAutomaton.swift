/// A compiled splitting pattern: finds, in one pass and without going back, the match at a place.
final class SplitAutomaton: Sendable {
  private let machine: PatternMachine
  private let looks: LookTable
  /// Whether a match depends on nothing but what it takes and the next scalar, and is never empty.
  let isPlain: Bool
  private let symbols: ScalarSymbols
  private let transitions: [UInt32]
  private let width: Int

  /// Compiles `pattern` in the syntax of `PatternParser`.
  convenience init(
    _ pattern: String, dialect: PatternParser.Dialect = .plain
  ) throws(TokenizerError) {
    try self.init(try PatternParser.parse(pattern, dialect: dialect), pattern)
  }

  /// Compiles `node`; `pattern` is its spelling, for errors.
  init(_ node: PatternNode, _ pattern: String = "") throws(TokenizerError) {
    var looks = LookTable()
    let program = try PatternProgram(try looks.resolve(node, pattern))
    machine = try PatternMachine(program, lookCount: looks.count)
    self.looks = looks
    isPlain = looks.count == 0 && program.conditions.isEmpty && !machine.matchesEmpty
    symbols = machine.symbols
    transitions = machine.transitions
    width = machine.width
  }

  /// What the looks of the pattern say for every place of `range`.
  func answers(_ text: UnsafePointer<UInt8>, _ range: Range<Int>) -> [UInt8] {
    looks.answers(text, range)
  }

  /// The end of the match of a plain pattern that begins at `start`, looking no further than `end`; nil for none.
  @inline(__always)
  func matchEnd(_ text: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int? {
    var reach = start
    return matchEnd(text, from: start, to: end, reach: &reach)
  }

  /// The same; `reach` becomes how far the search looked.
  @inline(__always)
  func matchEnd(_ text: UnsafePointer<UInt8>, from start: Int, to end: Int, reach: inout Int) -> Int? {
    var position = start
    var matched = start
    var row = width
    while true {
      var length = 1
      let symbol: Int
      if position >= end {
        symbol = width - 1
      } else if text[position] < 0x80 {
        symbol = Int(symbols[ascii: text[position]])
      } else {
        let scalar: UInt32
        (scalar, length) = UTF8Scalar.decode(text, at: position, to: end)
        symbol = Int(symbols[scalar])
      }
      let transition = transitions[row + symbol]
      if transition & 1 != 0 { matched = position }
      let next = Int(transition >> 1)
      if next == 0 { break }
      row = next * width
      position += length
    }
    reach = position
    return matched > start ? matched : nil
  }

  /// The end of the match of any pattern that begins at `start`, which may be its end; nil for none.
  ///
  /// `range` is the whole stretch and `answers` what the looks say of it. `failures` are places and states from which no
  /// match follows, to which this search adds its own.
  func matchEnd(
    _ text: UnsafePointer<UInt8>, from start: Int, in range: Range<Int>, answers: [UInt8],
    failures: inout Set<UInt64>
  ) -> Int? {
    var position = start
    var matched: Int?
    var row = startState(text, start, range) * width
    var inVain: [UInt64] = []
    while true {
      var length = 1
      var symbol = machine.symbolWidth - 1
      if position < range.upperBound {
        let scalar: UInt32
        (scalar, length) = UTF8Scalar.decode(text, at: position, to: range.upperBound)
        symbol = Int(symbols[scalar])
      }
      if !answers.isEmpty { symbol += machine.symbolWidth * Int(answers[position - range.lowerBound]) }
      let transition = transitions[row + symbol]
      if transition & 1 != 0 {
        matched = position
        inVain.removeAll(keepingCapacity: true)
      }
      let next = Int(transition >> 1)
      if next == 0 { break }
      row = next * width
      // One place in sixteen bytes is enough to stop at.
      if position >> 4 != (position + length) >> 4, position - (matched ?? start) > 16 {
        let key = UInt64(row) << 32 | UInt64(position + length)
        if failures.contains(key) { break }
        inVain.append(key)
      }
      position += length
    }
    failures.formUnion(inVain)
    return matched
  }

  private func startState(_ text: UnsafePointer<UInt8>, _ start: Int, _ range: Range<Int>) -> Int {
    guard start > range.lowerBound else { return Int(machine.starts[machine.symbolWidth - 1]) }
    let scalar = UTF8Scalar.decode(text, before: start, from: range.lowerBound).scalar
    return Int(machine.starts[Int(symbols[scalar])])
  }
}

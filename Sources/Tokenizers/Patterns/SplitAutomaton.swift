/// A compiled splitting pattern, which finds the match at a place in one pass without backtracking.
final class SplitAutomaton: Sendable {
  private let machine: PatternMachine
  private let looks: LookTable
  /// Whether a match depends only on the scalars that it takes and the next one, and is never empty.
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

  /// The answers of the lookarounds for every place in `range`, as bits.
  func answers(_ text: UnsafePointer<UInt8>, _ range: Range<Int>) -> [UInt8] {
    looks.answers(text, range)
  }

  /// The end of the match of a plain pattern at `start` in a text that ends at `end`; nil for none.
  @inline(__always)
  func matchEnd(_ text: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int? {
    var reach = start
    return matchEnd(text, from: start, to: end, reach: &reach)
  }

  /// As above; `reach` becomes the place up to which the search looked.
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

  /// The end of the match at `start` of any pattern, which may be empty; nil for none.
  ///
  /// `range` is the whole stretch, `answers` are those of the lookarounds in it. `failures` are states and places from
  /// which no match follows; this search adds its own.
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
      // Remembering one place in sixteen bytes is enough.
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

  /// The place in the text of one of the `failures`.
  static func place(ofFailure key: UInt64) -> Int { Int(UInt32(truncatingIfNeeded: key)) }

  private func startState(_ text: UnsafePointer<UInt8>, _ start: Int, _ range: Range<Int>) -> Int {
    guard start > range.lowerBound else { return Int(machine.starts[machine.symbolWidth - 1]) }
    let scalar = UTF8Scalar.decode(text, before: start, from: range.lowerBound).scalar
    return Int(machine.starts[Int(symbols[scalar])])
  }
}

/// A compiled splitting pattern: finds, in one pass and without going back, the match at a place.
///
/// The machine is the deterministic form of `PatternProgram`. A state is the list of places where the program
/// may be, most preferred first, so the match found is the one that a backtracking engine with the same
/// preferences finds. A transition sees the next scalar before it is taken, which is how lookaheads are free.
final class SplitAutomaton: Sendable {
  private let symbols: ScalarSymbols
  /// For each state and symbol, the last of which is the end of the text: where to go on, and whether the
  /// pattern matches before the symbol.
  ///
  /// An entry is the next state times two, plus one for a match. State 0 is the dead end, state 1 the start.
  private let transitions: [UInt32]
  private let width: Int

  /// Compiles `pattern` in the syntax of `PatternParser`.
  init(_ pattern: String, dialect: PatternParser.Dialect = .plain) throws(TokenizerError) {
    let program = try PatternProgram(try PatternParser.parse(pattern, dialect: dialect))
    symbols = try ScalarSymbols(program.sets)
    width = symbols.count + 1
    var builder = StateBuilder(program: program, signatures: symbols.signatures)
    transitions = try builder.build()
  }

  /// The end of the match that begins at `start`, looking no further than `end`; nil for none or an empty one.
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

  /// The same; `failures` are places and states from which no match follows, to which this search adds its own.
  func matchEnd(
    _ text: UnsafePointer<UInt8>, from start: Int, to end: Int, failures: inout Set<UInt64>
  ) -> Int? {
    var position = start
    var matched = start
    var row = width
    var inVain: [UInt64] = []
    while true {
      var length = 1
      var symbol = width - 1
      if position < end {
        let scalar: UInt32
        (scalar, length) = UTF8Scalar.decode(text, at: position, to: end)
        symbol = Int(symbols[scalar])
      }
      let transition = transitions[row + symbol]
      if transition & 1 != 0 {
        matched = position
        inVain.removeAll(keepingCapacity: true)
      }
      let next = Int(transition >> 1)
      if next == 0 { break }
      row = next * width
      // One place in sixteen bytes is enough to stop at.
      if position >> 4 != (position + length) >> 4, position - matched > 16 {
        let key = UInt64(row) << 32 | UInt64(position + length)
        if failures.contains(key) { break }
        inVain.append(key)
      }
      position += length
    }
    failures.formUnion(inVain)
    return matched > start ? matched : nil
  }
}

/// Builds the states of a `SplitAutomaton` by following every symbol from every state.
private struct StateBuilder {
  let program: PatternProgram
  let signatures: [UInt64]
  private var numbers: [[Int]: Int] = [:]
  private var states: [[Int]] = []
  private var steps = 0

  init(program: PatternProgram, signatures: [UInt64]) {
    self.program = program
    self.signatures = signatures
  }

  mutating func build() throws(TokenizerError) -> [UInt32] {
    _ = try number(of: [])
    _ = try number(of: [0])
    var transitions: [UInt32] = []
    var index = 0
    while index < states.count {
      for symbol in 0...signatures.count {
        let (next, matches) = step(states[index], symbol)
        guard steps <= Limits.patternSteps else {
          throw .limit(name: "patternSteps", found: steps, maximum: Limits.patternSteps)
        }
        transitions.append(UInt32(try number(of: next)) << 1 | (matches ? 1 : 0))
      }
      index += 1
    }
    return transitions
  }

  private mutating func number(of state: [Int]) throws(TokenizerError) -> Int {
    if let known = numbers[state] { return known }
    guard states.count < Limits.patternStates else {
      throw .limit(name: "patternStates", found: states.count + 1, maximum: Limits.patternStates)
    }
    numbers[state] = states.count
    states.append(state)
    return states.count - 1
  }

  /// Where the program may be after `symbol`, and whether it matches before it.
  private mutating func step(_ state: [Int], _ symbol: Int) -> (next: [Int], matches: Bool) {
    let signature = symbol < signatures.count ? signatures[symbol] : nil
    var seen: Set<Int> = []
    var seenNext: Set<Int> = []
    var next: [Int] = []
    var stack = Array(state.reversed())
    while let place = stack.popLast() {
      guard seen.insert(place).inserted else { continue }
      steps += 1
      switch program.instructions[place] {
      case .match:
        return (next, true)
      case .jump(let target):
        stack.append(target)
      case .split(let preferred, let other):
        stack.append(other)
        stack.append(preferred)
      case .next(let set, let orEnd):
        if signature.map({ $0 >> UInt64(set) & 1 == 1 }) ?? orEnd { stack.append(place + 1) }
      case .take(let set):
        guard let signature, signature >> UInt64(set) & 1 == 1 else { continue }
        if seenNext.insert(place + 1).inserted { next.append(place + 1) }
      }
    }
    return (next, false)
  }
}

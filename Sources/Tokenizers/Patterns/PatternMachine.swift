/// The deterministic form of a `PatternProgram`: a table of states.
///
/// A state is the list of places where the program may be, the most preferred first, so that it finds the same match as
/// a backtracking engine with the same preferences. If the pattern has conditions on the last scalar, the state also
/// tells which of them hold. A transition sees the next scalar before taking it, which makes a lookahead over one scalar
/// free; longer lookarounds are answered for every place beforehand, and their answers are part of the symbol.
struct PatternMachine: Sendable {
  /// The classes of scalars that the pattern tells apart.
  let symbols: ScalarSymbols
  /// For each state and column the next state times two, plus one if a match ends before the scalar.
  ///
  /// State 0 is the dead end. A column is a symbol, the last being the end of the text, plus `symbolWidth` times the
  /// answers of the lookarounds as bits.
  let transitions: [UInt32]
  /// The symbols and the end of the text.
  let symbolWidth: Int
  /// The columns of a state.
  let width: Int
  /// The initial state after each symbol and, last, at the start of the text.
  let starts: [UInt32]
  /// Whether a match may be empty.
  let matchesEmpty: Bool

  /// Compiles `program`, which uses the answers of `lookCount` lookarounds.
  ///
  /// With `findsEnds` the machine restarts at every place, and a match means only that one ends there.
  init(_ program: PatternProgram, lookCount: Int, findsEnds: Bool = false) throws(TokenizerError) {
    symbols = try ScalarSymbols(program.sets)
    symbolWidth = symbols.count + 1
    width = symbolWidth << lookCount
    var builder = StateBuilder(program, symbols.signatures, lookCount, findsEnds)
    (transitions, starts) = try builder.build()
    let (table, columns) = (transitions, width)
    matchesEmpty = starts.contains { start in
      table[(Int(start) * columns)..<((Int(start) + 1) * columns)].contains { $0 & 1 != 0 }
    }
  }
}

/// Builds the states of a `PatternMachine` by following every symbol from every state.
private struct StateBuilder {
  private let program: PatternProgram
  private let signatures: [UInt64]
  private let lookCount: Int
  private let findsEnds: Bool
  /// Numbers of states by their places, followed by the negated bits of the conditions that hold, unless none does.
  private var numbers: [[Int]: Int] = [:]
  private var states: [[Int]] = []
  private var steps = 0

  init(_ program: PatternProgram, _ signatures: [UInt64], _ lookCount: Int, _ findsEnds: Bool) {
    self.program = program
    self.signatures = signatures
    self.lookCount = lookCount
    self.findsEnds = findsEnds
  }

  mutating func build() throws(TokenizerError) -> (transitions: [UInt32], starts: [UInt32]) {
    _ = try number(of: [])
    _ = try number(of: [0])
    var starts: [UInt32] = []
    for symbol in 0...signatures.count {
      let signature = symbol < signatures.count ? signatures[symbol] : nil
      starts.append(UInt32(try number(of: key(findsEnds ? [] : [0], conditions(signature)))))
    }
    var transitions: [UInt32] = []
    var index = 0
    while index < states.count {
      for looks in 0..<(1 << lookCount) {
        for symbol in 0...signatures.count {
          let signature = symbol < signatures.count ? signatures[symbol] : nil
          let (next, matches) = step(states[index], signature, looks)
          guard steps <= Limits.patternSteps else {
            throw .limit(name: "patternSteps", found: steps, maximum: Limits.patternSteps)
          }
          transitions.append(UInt32(try number(of: next)) << 1 | (matches ? 1 : 0))
        }
      }
      index += 1
    }
    return (transitions, starts)
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

  /// The conditions that hold behind a scalar of `signature`, or at the start of the text.
  private func conditions(_ signature: UInt64?) -> Int {
    var result = 0
    for (bit, condition) in program.conditions.enumerated() {
      let holds = signature.map { $0 >> UInt64(condition.set) & 1 == 1 } ?? condition.orStart
      if holds { result |= 1 << bit }
    }
    return result
  }

  private func key(_ places: [Int], _ conditions: Int) -> [Int] {
    conditions == 0 || places.isEmpty && !findsEnds ? places : places + [-conditions]
  }

  /// Where the program may be after a scalar of `signature` (nil at the end), and whether it matches before it.
  private mutating func step(
    _ state: [Int], _ signature: UInt64?, _ looks: Int
  ) -> (next: [Int], matches: Bool) {
    var held = 0
    var stack = Array(state.reversed())
    if let first = stack.first, first < 0 { held = -stack.removeFirst() }
    if findsEnds { stack.insert(0, at: 0) }
    var seen: Set<Int> = []
    var seenNext: Set<Int> = []
    var next: [Int] = []
    var matches = false
    while let place = stack.popLast() {
      guard seen.insert(place).inserted else { continue }
      steps += 1
      switch program.instructions[place] {
      case .match:
        matches = true
        if !findsEnds { stack = [] }
      case .jump(let target):
        stack.append(target)
      case .split(let preferred, let other):
        stack.append(other)
        stack.append(preferred)
      case .next(let set, let orEnd):
        if signature.map({ $0 >> UInt64(set) & 1 == 1 }) ?? orEnd { stack.append(place + 1) }
      case .previous(let condition):
        if held >> condition & 1 == 1 { stack.append(place + 1) }
      case .looked(let look, let isNegative):
        if (looks >> look & 1 == 1) != isNegative { stack.append(place + 1) }
      case .take(let set):
        guard let signature, signature >> UInt64(set) & 1 == 1 else { continue }
        if seenNext.insert(place + 1).inserted { next.append(place + 1) }
      }
    }
    guard let signature else { return ([], matches) }
    if findsEnds { next.sort() }
    return (key(next, conditions(signature)), matches)
  }
}

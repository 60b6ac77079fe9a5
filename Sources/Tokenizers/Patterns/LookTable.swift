/// The lookarounds of a pattern over more than one scalar, and their answers for every place in a text.
///
/// A lookbehind holds where a match of its pattern ends, a lookahead where a match of the reversed pattern ends when the
/// text is read backwards, and one pass over the text finds all such places (Barrière and Pit-Claudel 2024, "Linear
/// matching of JavaScript regular expressions"). Inner lookarounds are answered first.
struct LookTable: Sendable {
  private struct Look: Sendable {
    let machine: PatternMachine
    let isAhead: Bool
  }

  private var looks: [Look] = []

  /// The number of lookarounds.
  var count: Int { looks.count }

  /// `node` without lookarounds, which go into the table, and without atomic groups.
  mutating func resolve(_ node: PatternNode, _ pattern: String) throws(TokenizerError) -> PatternNode {
    switch node {
    case .set, .next, .previous, .looked: return node
    case .sequence(let parts): return .sequence(try resolve(parts, pattern))
    case .choice(let alternatives): return .choice(try resolve(alternatives, pattern))
    case .repeat(let body, let minimum, let maximum, let isLazy):
      return .repeat(try resolve(body, pattern), minimum: minimum, maximum: maximum, isLazy: isLazy)
    case .atomic(let body):
      guard let fixed = body.withoutGivingBack else {
        throw .pattern(
          pattern, offset: 0, reason: "an atomic group that can match in several ways is not supported")
      }
      return try resolve(fixed, pattern)
    case .look(let body, let isAhead, let isNegative):
      let inner = try resolve(body, pattern)
      guard looks.count < Limits.patternLooks else {
        throw .limit(name: "patternLooks", found: looks.count + 1, maximum: Limits.patternLooks)
      }
      let program = try PatternProgram(isAhead ? inner.reversed : inner)
      let machine = try PatternMachine(program, lookCount: looks.count, findsEnds: true)
      looks.append(Look(machine: machine, isAhead: isAhead))
      return .looked(looks.count - 1, isNegative: isNegative)
    }
  }

  private mutating func resolve(
    _ nodes: [PatternNode], _ pattern: String
  ) throws(TokenizerError) -> [PatternNode] {
    var result: [PatternNode] = []
    for node in nodes { result.append(try resolve(node, pattern)) }
    return result
  }

  /// The answers for every place of `range`, its end included, as bits.
  func answers(_ text: UnsafePointer<UInt8>, _ range: Range<Int>) -> [UInt8] {
    guard !looks.isEmpty else { return [] }
    var answers = [UInt8](repeating: 0, count: range.count + 1)
    for (bit, look) in looks.enumerated() { Self.scan(look, text, range, bit, &answers) }
    return answers
  }

  private static func scan(
    _ look: Look, _ text: UnsafePointer<UInt8>, _ range: Range<Int>, _ bit: Int, _ answers: inout [UInt8]
  ) {
    let machine = look.machine
    let (first, last) =
      look.isAhead ? (range.upperBound, range.lowerBound) : (range.lowerBound, range.upperBound)
    var state = Int(machine.starts[machine.symbolWidth - 1])
    var position = first
    while true {
      var (symbol, length) = (machine.symbolWidth - 1, 1)
      if position != last {
        let scalar: UInt32
        (scalar, length) =
          look.isAhead
          ? UTF8Scalar.decode(text, before: position, from: last)
          : UTF8Scalar.decode(text, at: position, to: last)
        symbol = Int(machine.symbols[scalar])
      }
      state = step(machine, state, symbol, bit, &answers[position - range.lowerBound])
      guard position != last else { return }
      position += look.isAhead ? -length : length
    }
  }

  @inline(__always)
  private static func step(
    _ machine: PatternMachine, _ state: Int, _ symbol: Int, _ bit: Int, _ answer: inout UInt8
  ) -> Int {
    // Only earlier lookarounds are answered, so no bit is set without a column in the machine.
    let transition = machine.transitions[state * machine.width + symbol + machine.symbolWidth * Int(answer)]
    if transition & 1 != 0 { answer |= 1 << UInt8(bit) }
    return Int(transition >> 1)
  }
}

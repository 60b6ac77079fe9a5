/// A splitting pattern as instructions for a machine that follows all alternatives at once: Thompson's construction,
/// with the order of branches as preference.
struct PatternProgram {
  /// One step; targets are places in `instructions`.
  enum Instruction {
    /// Takes a scalar of the set with this number.
    case take(Int)
    /// Continues at both places, the first preferred.
    case split(Int, Int)
    /// Continues at another place.
    case jump(Int)
    /// Continues only if the next scalar is in the set or, with `orEnd`, at the end of the text.
    case next(Int, orEnd: Bool)
    /// Continues only if the condition with this number holds for the last scalar.
    case previous(Int)
    /// Continues only if the lookaround with this number holds, or does not.
    case looked(Int, isNegative: Bool)
    /// The pattern matches.
    case match
  }

  private(set) var instructions: [Instruction] = []
  /// The distinct sets; instructions refer to them by index.
  private(set) var sets: [ScalarSet] = []
  /// The distinct conditions on the last scalar: a set, and whether the start of the text also satisfies it.
  private(set) var conditions: [(set: Int, orStart: Bool)] = []
  private var steps = 0

  /// Compiles `node`, within the limits.
  init(_ node: PatternNode) throws(TokenizerError) {
    try add(node)
    try append(.match)
  }

  private mutating func append(_ instruction: Instruction) throws(TokenizerError) {
    guard instructions.count < Limits.patternInstructions else {
      throw .limit(
        name: "patternInstructions", found: instructions.count + 1, maximum: Limits.patternInstructions)
    }
    instructions.append(instruction)
  }

  private mutating func number(of set: ScalarSet) throws(TokenizerError) -> Int {
    if let known = sets.firstIndex(of: set) { return known }
    guard sets.count < Limits.patternSets else {
      throw .limit(name: "patternSets", found: sets.count + 1, maximum: Limits.patternSets)
    }
    sets.append(set)
    return sets.count - 1
  }

  private mutating func condition(_ set: Int, _ orStart: Bool) throws(TokenizerError) -> Int {
    if let known = conditions.firstIndex(where: { $0 == (set, orStart) }) { return known }
    guard conditions.count < Limits.patternConditions else {
      throw .limit(
        name: "patternConditions", found: conditions.count + 1, maximum: Limits.patternConditions)
    }
    conditions.append((set, orStart))
    return conditions.count - 1
  }

  private mutating func add(_ node: PatternNode) throws(TokenizerError) {
    steps += 1
    guard steps <= Limits.patternInstructions else {
      throw .limit(name: "patternInstructions", found: steps, maximum: Limits.patternInstructions)
    }
    switch node {
    case .set(let set):
      try append(.take(try number(of: set)))
    case .next(let set, let orEnd):
      try append(.next(try number(of: set), orEnd: orEnd))
    case .previous(let set, let orStart):
      try append(.previous(try condition(try number(of: set), orStart)))
    case .looked(let number, let isNegative):
      try append(.looked(number, isNegative: isNegative))
    case .sequence(let parts):
      for part in parts { try add(part) }
    case .choice(let alternatives):
      try addChoice(alternatives)
    case .repeat(let body, let minimum, let maximum, let isLazy):
      try addRepeat(body, minimum: minimum, maximum: maximum, isLazy: isLazy)
    case .look, .atomic:
      // `LookTable` has replaced them.
      break
    }
  }

  private mutating func addChoice(_ alternatives: [PatternNode]) throws(TokenizerError) {
    var ends: [Int] = []
    for (index, alternative) in alternatives.enumerated() {
      guard index + 1 < alternatives.count else {
        try add(alternative)
        break
      }
      let fork = instructions.count
      try append(.split(fork + 1, 0))
      try add(alternative)
      ends.append(instructions.count)
      try append(.jump(0))
      instructions[fork] = .split(fork + 1, instructions.count)
    }
    for end in ends { instructions[end] = .jump(instructions.count) }
  }

  private mutating func addRepeat(
    _ body: PatternNode, minimum: Int, maximum: Int?, isLazy: Bool
  ) throws(TokenizerError) {
    for _ in 0..<minimum { try add(body) }
    guard let maximum else {
      let fork = instructions.count
      try append(.jump(0))
      try add(body)
      try append(.jump(fork))
      let end = instructions.count
      instructions[fork] = isLazy ? .split(end, fork + 1) : .split(fork + 1, end)
      return
    }
    var forks: [Int] = []
    for _ in minimum..<maximum {
      forks.append(instructions.count)
      try append(.jump(0))
      try add(body)
    }
    let end = instructions.count
    for fork in forks { instructions[fork] = isLazy ? .split(end, fork + 1) : .split(fork + 1, end) }
  }
}

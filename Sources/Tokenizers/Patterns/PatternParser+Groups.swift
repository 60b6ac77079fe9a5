extension PatternParser {
  /// Parses a group, whose opening parenthesis is behind the position.
  mutating func parseGroup() throws(TokenizerError) -> PatternNode {
    let outer = flags
    defer { flags = outer }
    guard take("?") else { return try parseInside() }
    if take(":") { return try parseInside() }
    if take("=") { return try parseLook(isAhead: true, isNegative: false) }
    if take("!") { return try parseLook(isAhead: true, isNegative: true) }
    if take("<=") { return try parseLook(isAhead: false, isNegative: false) }
    if take("<!") { return try parseLook(isAhead: false, isNegative: true) }
    if take(">") { return .atomic(try parseInside()) }
    if take("#") {
      while peek != nil, peek != ")" { position += 1 }
      guard take(")") else { throw error("missing )") }
      return .nothing
    }
    if take("<") { return try parseNamed(end: ">") }
    if take("'") { return try parseNamed(end: "'") }
    return try parseFlags()
  }

  private mutating func parseInside() throws(TokenizerError) -> PatternNode {
    let node = try parseChoice()
    guard take(")") else { throw error("missing )") }
    return node
  }

  private mutating func parseNamed(end: Unicode.Scalar) throws(TokenizerError) -> PatternNode {
    while let scalar = peek, scalar != end {
      guard ScalarSet.word.contains(scalar.value) else { throw error("this kind of group is not supported") }
      position += 1
    }
    guard peek == end else { throw error("the name of a group does not end") }
    position += 1
    return try parseInside()
  }

  /// Parses `(?i-m:…)`, or `(?i)`, which applies to the rest of its group.
  private mutating func parseFlags() throws(TokenizerError) -> PatternNode {
    var switchesOn = true
    while let scalar = peek, scalar != ":", scalar != ")" {
      switch scalar {
      case "-": switchesOn = false
      case "i": flags.ignoresCase = switchesOn
      case "m": flags.dotTakesLineEnd = switchesOn
      case "x": flags.isExtended = switchesOn
      // In other engines it is "s" that lets "." match line ends.
      case "s" where dialect == .plain: flags.dotTakesLineEnd = switchesOn
      default: throw error("this kind of group is not supported")
      }
      position += 1
    }
    if take(":") { return try parseInside() }
    guard take(")") else { throw error("missing )") }
    return try parseChoice()
  }

  private mutating func parseLook(isAhead: Bool, isNegative: Bool) throws(TokenizerError) -> PatternNode {
    let node = try parseInside()
    // A single scalar needs no pass over the text beforehand.
    guard case .set(let set) = node else { return .look(node, isAhead: isAhead, isNegative: isNegative) }
    let wanted = isNegative ? set.complement : set
    return isAhead ? .next(wanted, orEnd: isNegative) : .previous(wanted, orStart: isNegative)
  }

  /// Reads the repetitions behind `atom`.
  mutating func parseQuantified(_ atom: PatternNode) throws(TokenizerError) -> PatternNode {
    var node = atom
    var count = 0
    while let next = try parseRepetition(of: node) {
      node = next
      count += 1
      guard count <= Limits.patternDepth else {
        throw .limit(name: "patternDepth", found: count, maximum: Limits.patternDepth)
      }
    }
    return node
  }

  private mutating func parseRepetition(of atom: PatternNode) throws(TokenizerError) -> PatternNode? {
    var minimum = 0
    var maximum: Int?
    var isCounted = false
    if take("?") {
      maximum = 1
    } else if take("+") {
      minimum = 1
    } else if peek == "{" {
      guard let counts = try parseCounts() else { return nil }
      (minimum, maximum) = counts
      isCounted = true
    } else if !take("*") {
      return nil
    }
    // After a fixed count "?" makes the whole optional, and after any count "+" repeats it (Oniguruma).
    if isCounted, minimum == maximum || peek != "?" {
      return .repeat(atom, minimum: minimum, maximum: maximum, isLazy: false)
    }
    if take("?") { return .repeat(atom, minimum: minimum, maximum: maximum, isLazy: true) }
    let greedy = PatternNode.repeat(atom, minimum: minimum, maximum: maximum, isLazy: false)
    guard take("+") else { return greedy }
    return .atomic(greedy)
  }

  /// Parses `{n}`, `{n,}`, `{,m}` or `{n,m}`; gives nil and keeps the position for anything else, which is literal text.
  private mutating func parseCounts() throws(TokenizerError) -> (Int, Int?)? {
    let start = position
    position += 1
    let low = try parseNumber()
    var high = low
    let isRange = take(",")
    if isRange { high = try parseNumber() }
    guard take("}"), low != nil || high != nil else {
      position = start
      guard dialect == .oniguruma else { throw error("a number is missing") }
      return nil
    }
    let minimum = low ?? 0
    if let high, high < minimum { throw error("the maximum is below the minimum") }
    return (minimum, high)
  }

  private mutating func parseNumber() throws(TokenizerError) -> Int? {
    var value = 0
    let start = position
    while let scalar = peek, ("0"..."9").contains(scalar) {
      value = value * 10 + Int(scalar.value - 48)
      guard value <= Limits.patternRepeat else {
        throw .limit(name: "patternRepeat", found: value, maximum: Limits.patternRepeat)
      }
      position += 1
    }
    return position > start ? value : nil
  }
}

/// Reads the subset of regular expressions that the splitting rules of tokenizers use.
///
/// Literals, `.`, classes with ranges, nesting and `&&`, `\s \S \d \D \w \W \p{…} \P{…} \uXXXX \x{…}`, groups
/// `(…)`, `(?:…)`, `(?i:…)`, alternatives, `? * + {n} {n,} {n,m}` with the lazy `?`, `$`, and a lookahead
/// over one scalar, `(?!\S)` or `(?=\s)`. The possessive `+` reads as greedy: in every published rule nothing
/// that follows a possessive repetition could take back what it took.
struct PatternParser {
  let pattern: String
  let scalars: [Unicode.Scalar]
  var position = 0
  /// Whose reading of a pattern counts where engines differ.
  enum Dialect: Sendable {
    /// "$" is the end of the text.
    case plain
    /// As Oniguruma, which Hugging Face's tokenizers use: "$" is the end of a line.
    case oniguruma
  }

  private var dialect = Dialect.plain
  private var ignoresCase = false
  private var depth = 0

  /// The tree of `pattern`.
  static func parse(_ pattern: String, dialect: Dialect = .plain) throws(TokenizerError) -> PatternNode {
    var parser = try PatternParser(pattern)
    parser.dialect = dialect
    let node = try parser.parseChoice()
    guard parser.position == parser.scalars.count else { throw parser.error("unbalanced )") }
    return node
  }

  private init(_ pattern: String) throws(TokenizerError) {
    self.pattern = pattern
    self.scalars = Array(pattern.unicodeScalars)
    guard scalars.count <= Limits.patternScalars else {
      throw .limit(name: "patternScalars", found: scalars.count, maximum: Limits.patternScalars)
    }
  }

  /// The scalar at the position, nil at the end.
  var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  /// Steps over `text` if the pattern goes on with it.
  mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard scalars[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  /// The next scalar, which must be there.
  mutating func takeAny() throws(TokenizerError) -> Unicode.Scalar {
    guard let scalar = peek else { throw error("ends too early") }
    position += 1
    return scalar
  }

  /// An error at the position.
  func error(_ reason: String) -> TokenizerError {
    .pattern(pattern, offset: position, reason: reason)
  }

  /// Runs `body` one level deeper, within the limit.
  mutating func nested<T>(
    _ body: (inout PatternParser) throws(TokenizerError) -> T
  ) throws(TokenizerError) -> T {
    guard depth < Limits.patternDepth else {
      throw .limit(name: "patternDepth", found: depth + 1, maximum: Limits.patternDepth)
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  private mutating func parseChoice() throws(TokenizerError) -> PatternNode {
    var alternatives: [PatternNode] = [try parseSequence()]
    while take("|") { alternatives.append(try parseSequence()) }
    return alternatives.count == 1 ? alternatives[0] : .choice(alternatives)
  }

  private mutating func parseSequence() throws(TokenizerError) -> PatternNode {
    var parts: [PatternNode] = []
    while let scalar = peek, scalar != "|", scalar != ")" {
      let atom = try parseAtom()
      parts.append(try parseQuantified(atom))
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func parseAtom() throws(TokenizerError) -> PatternNode {
    let scalar = try takeAny()
    switch scalar {
    case "(": return try nested { (parser) throws(TokenizerError) in try parser.parseGroup() }
    case "[":
      let set = try nested { (parser) throws(TokenizerError) in try parser.parseClass() }
      return .set(ignoresCase ? try withBothCases(set) : set)
    case "\\": return .set(try parseEscape())
    case ".": return .set(ScalarSet(scalars: ["\n"]).complement)
    case "$":
      return .next(dialect == .plain ? .empty : ScalarSet(scalars: ["\n"]), orEnd: true)
    case "*", "+", "?": throw error("nothing to repeat")
    case "^": throw error("^ is not supported")
    default: return .set(literal(scalar))
    }
  }

  private func literal(_ scalar: Unicode.Scalar) -> ScalarSet {
    ignoresCase ? .caseInsensitive(scalar) : ScalarSet(scalars: [scalar])
  }

  private func withBothCases(_ set: ScalarSet) throws(TokenizerError) -> ScalarSet {
    let count = set.ranges.reduce(0) { $0 + $1.count }
    guard count <= Limits.patternRepeat else { throw error("a class this large cannot ignore case") }
    return set.ranges.joined().compactMap { Unicode.Scalar($0) }.reduce(set) {
      $0.union(.caseInsensitive($1))
    }
  }

  private mutating func parseGroup() throws(TokenizerError) -> PatternNode {
    let outer = ignoresCase
    defer { ignoresCase = outer }
    if take("?!") { return try parseLookahead(negative: true) }
    if take("?=") { return try parseLookahead(negative: false) }
    if take("?i:") {
      ignoresCase = true
    } else if !take("?:"), peek == "?" {
      throw error("this kind of group is not supported")
    }
    let node = try parseChoice()
    guard take(")") else { throw error("missing )") }
    return node
  }

  private mutating func parseLookahead(negative: Bool) throws(TokenizerError) -> PatternNode {
    guard case .set(let set) = try parseChoice() else {
      throw error("a lookahead may test one scalar only")
    }
    guard take(")") else { throw error("missing )") }
    return negative ? .next(set.complement, orEnd: true) : .next(set, orEnd: false)
  }

  private mutating func parseQuantified(_ atom: PatternNode) throws(TokenizerError) -> PatternNode {
    var minimum = 1
    var maximum: Int? = 1
    if take("?") {
      minimum = 0
    } else if take("*") {
      (minimum, maximum) = (0, nil)
    } else if take("+") {
      maximum = nil
    } else if take("{") {
      (minimum, maximum) = try parseCounts()
    } else {
      return atom
    }
    let isLazy = take("?")
    if !isLazy { _ = take("+") }
    if let scalar = peek, scalar == "*" || scalar == "+" || scalar == "?" || scalar == "{" {
      throw error("a repetition of a repetition needs a group")
    }
    return .repeat(atom, minimum: minimum, maximum: maximum, isLazy: isLazy)
  }

  private mutating func parseCounts() throws(TokenizerError) -> (Int, Int?) {
    let minimum = try parseNumber()
    var maximum: Int? = minimum
    if take(",") { maximum = peek == "}" ? nil : try parseNumber() }
    guard take("}") else { throw error("missing }") }
    if let maximum, maximum < minimum { throw error("the maximum is below the minimum") }
    return (minimum, maximum)
  }

  private mutating func parseNumber() throws(TokenizerError) -> Int {
    var value = 0
    let start = position
    while let scalar = peek, ("0"..."9").contains(scalar) {
      value = value * 10 + Int(scalar.value - 48)
      guard value <= Limits.patternRepeat else {
        throw .limit(name: "patternRepeat", found: value, maximum: Limits.patternRepeat)
      }
      position += 1
    }
    guard position > start else { throw error("a number is missing") }
    return value
  }
}

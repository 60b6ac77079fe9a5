/// Parses the regular expressions of splitting rules.
///
/// The syntax is Oniguruma's for Ruby (github.com/kkos/oniguruma, doc/RE) as far as a finite automaton can match it:
/// literals, `.`, classes with ranges, nesting, `&&` and `[:name:]`, escapes, properties, groups of every kind, flags
/// `i`, `m` and `x`, greedy, lazy and possessive repetition, anchors, `\b`, lookahead and lookbehind. References to
/// groups, `\G`, `\K`, `\X`, conditions and atomic groups with several ways to match are refused.
struct PatternParser {
  let pattern: String
  let scalars: [Unicode.Scalar]
  var position = 0
  /// The engine whose reading counts where engines differ.
  enum Dialect: Sendable {
    /// "$" is the end of the text.
    case plain
    /// As Oniguruma, which Hugging Face's tokenizers use: "$" is the end of a line.
    case oniguruma
  }

  /// The state of the flags in `(?imx)`.
  struct Flags {
    var ignoresCase = false
    var dotTakesLineEnd = false
    var isExtended = false
  }

  var dialect = Dialect.plain
  var flags = Flags()
  private var depth = 0
  /// The scalar that the last atom stands for, if case is ignored; nil for other atoms.
  private var literal: UInt32?

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

  /// Steps over `text` if it comes next, and tells whether it did.
  mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard scalars[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  /// The next scalar, which must be there.
  mutating func takeAny() throws(TokenizerError) -> Unicode.Scalar {
    guard let scalar = peek else { throw error("the pattern ends too early") }
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

  /// Parses alternatives up to the end of the group.
  mutating func parseChoice() throws(TokenizerError) -> PatternNode {
    var alternatives: [PatternNode] = [try parseSequence()]
    while take("|") { alternatives.append(try parseSequence()) }
    return alternatives.count == 1 ? alternatives[0] : .choice(alternatives)
  }

  private mutating func parseSequence() throws(TokenizerError) -> PatternNode {
    var parts: [PatternNode] = []
    // Neighbouring literals whose case is ignored, since several may be the same as one other scalar.
    var literals: [UInt32] = []
    while let scalar = peek, scalar != "|", scalar != ")" {
      if flags.isExtended, skipsSpace(scalar) { continue }
      literal = nil
      let atom = try parseAtom()
      let known = scalar == "(" ? nil : literal
      let end = position
      let quantified = try parseQuantified(known.map { Self.ignoringCase($0) } ?? atom)
      if let known, position == end {
        literals.append(known)
        continue
      }
      parts += Self.parts(literals) + [quantified]
      literals = []
    }
    parts += Self.parts(literals)
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  /// In extended syntax: steps over white space or a comment.
  private mutating func skipsSpace(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "#" {
      while peek != nil, peek != "\n" { position += 1 }
      return true
    }
    guard ScalarSet.whiteSpace.contains(scalar.value) else { return false }
    position += 1
    return true
  }

  private mutating func parseAtom() throws(TokenizerError) -> PatternNode {
    let scalar = try takeAny()
    switch scalar {
    case "(": return try nested { (parser) throws(TokenizerError) in try parser.parseGroup() }
    case "[": return try nested { (parser) throws(TokenizerError) in try parser.parseOutermostClass() }
    case "\\": return try parseEscapedAtom()
    case ".": return .set(flags.dotTakesLineEnd ? .all : ScalarSet(scalars: ["\n"]).complement)
    case "$": return .next(dialect == .plain ? .empty : ScalarSet(scalars: ["\n"]), orEnd: true)
    case "^": return dialect == .plain ? .textStart : .lineStart
    case "*", "+", "?": throw error("nothing to repeat")
    default: return literalAtom(ScalarSet(scalars: [scalar]))
    }
  }

  /// A set of one scalar, or what is the same as it if case is ignored; a class that an escape stands for has both cases
  /// only if it says so (Oniguruma).
  private mutating func literalAtom(_ set: ScalarSet) -> PatternNode {
    guard flags.ignoresCase else { return .set(set) }
    if dialect == .oniguruma { literal = set.single }
    return .set(dialect == .plain || set.single != nil ? set.ignoringCase : set)
  }

  /// Parses an escape, whose backslash is behind the position: an anchor, a line break or a set.
  private mutating func parseEscapedAtom() throws(TokenizerError) -> PatternNode {
    switch peek {
    case "b":
      position += 1
      return .wordEdge(true)
    case "B":
      position += 1
      return .wordEdge(false)
    case "A":
      position += 1
      return .textStart
    case "z":
      position += 1
      return .textEnd
    case "Z":
      position += 1
      let last = PatternNode.look(
        .sequence([.set(ScalarSet(scalars: ["\n"])), .textEnd]), isAhead: true, isNegative: false)
      return .choice([.textEnd, last])
    case "R":
      position += 1
      let pair = PatternNode.sequence([.set(ScalarSet(scalars: ["\r"])), .set(ScalarSet(scalars: ["\n"]))])
      let alone = ScalarSet([0x0A...0x0C, 0x85...0x85, 0x2028...0x2029])
      // A carriage return before a line feed never stands alone.
      let lone = PatternNode.sequence([
        .set(ScalarSet(scalars: ["\r"])), .next(ScalarSet(scalars: ["\n"]).complement, orEnd: true),
      ])
      return .choice([pair, lone, .set(alone)])
    default: return literalAtom(try parseEscape())
    }
  }
}

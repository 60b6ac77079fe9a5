/// Tokens → program. Grammar: https://jinja.palletsprojects.com/en/stable/templates/
///
/// The expressions are in `Parser+Expressions.swift`, the statements in `Parser+Statements.swift`.
struct Parser {
  let tokens: [Token]
  let limits: Limits
  var at = 0
  var scopes = Scopes()
  var literals: [Program.Literal] = []
  var stringLiterals: [[UInt8]: Int] = [:]
  /// How deep the source is nested here.
  var depth = 0
  /// Operators in a row so far in the current tag: they make its tree deep without nesting the source.
  var chained = 0
  private let stack: StackGuard
  /// The loops around this place within the current macro.
  var loops = 0
  /// Whether this place is inside of an `if` of its scope: as in jinja2, an unknown name there fails only when it is
  /// reached.
  var isConditional = false {
    didSet { scopes.isConditional = isConditional }
  }
  /// The filters, tests and functions that do not exist and that no `if` guards.
  var unknown: [Unknown] = []
  /// The tags that would end the blocks around this place, innermost last; for error messages.
  var endTags: [[String]] = []

  /// Compiles normalised source.
  static func parse(_ source: [UInt8], limits: Limits) throws(JinjaError) -> Program {
    var parser = Parser(tokens: try Lexer.tokenize(source), limits: limits)
    let body = try parser.statements(until: [])
    let resolved = parser.scopes.resolve()
    try parser.refuseUnknown(resolved.references)
    var compiler = Compiler(
      literals: parser.literals, references: resolved.references, scopes: resolved.scopes, limits: limits)
    return Program(
      source: source, body: try compiler.body(body), functions: resolved.functions,
      globals: resolved.globals.map { Program.Global(name: $0, make: Globals.table[$0]) },
      variables: resolved.variables)
  }

  private init(tokens: [Token], limits: Limits) {
    self.tokens = tokens
    self.limits = limits
    stack = StackGuard(bytes: limits.stackBytes)
  }

  // MARK: Tokens

  var token: Token { tokens[at] }

  /// The token after the current one.
  var following: Token { tokens[min(at + 1, tokens.count - 1)] }

  mutating func advance() {
    if at < tokens.count - 1 { at += 1 }
  }

  func isSymbol(_ symbol: Token.Symbol) -> Bool { token.kind == .symbol(symbol) }

  func isName(_ name: String) -> Bool { token.kind == .name(name) }

  mutating func skip(_ symbol: Token.Symbol) -> Bool {
    guard isSymbol(symbol) else { return false }
    advance()
    return true
  }

  mutating func skip(name: String) -> Bool {
    guard isName(name) else { return false }
    advance()
    return true
  }

  mutating func expect(_ symbol: Token.Symbol) throws(JinjaError) {
    guard skip(symbol) else { throw unexpected("'\(symbol.rawValue)'") }
  }

  mutating func expect(name: String) throws(JinjaError) {
    guard skip(name: name) else { throw unexpected("'\(name)'") }
  }

  mutating func expectName() throws(JinjaError) -> String {
    guard case .name(let name) = token.kind else { throw unexpected("a name") }
    advance()
    return name
  }

  mutating func expectBlockEnd() throws(JinjaError) {
    guard token.kind == .blockEnd else { throw unexpected("end of statement block") }
    advance()
  }

  func unexpected(_ wanted: String) -> JinjaError {
    JinjaError(.syntax, "expected \(wanted), got \(token)", at: token.offset)
  }

  // MARK: Unknown names

  /// A name that a template uses, though nothing has it.
  enum Unknown {
    case filter(String, at: Int)
    case test(String, at: Int)
    /// A call of a name, by its index in the references; what the template defines is known at the end only.
    case function(Int, at: Int)
  }

  mutating func note(_ name: Unknown) {
    if !isConditional { unknown.append(name) }
  }

  private func refuseUnknown(_ references: [Reference]) throws(JinjaError) {
    for name in unknown {
      switch name {
      case .filter(let name, let at): throw JinjaError(.syntax, "no filter named '\(name)'", at: at)
      case .test(let name, let at): throw JinjaError(.syntax, "no test named '\(name)'", at: at)
      case .function(let index, let at):
        let reference = references[index]
        guard reference.places.isEmpty, Globals.table[reference.name] == nil else { continue }
        throw JinjaError(.undefined, "no function or macro named '\(reference.name)'", at: at)
      }
    }
  }

  // MARK: Bookkeeping

  mutating func literal(_ string: [UInt8]) -> Int {
    if let index = stringLiterals[string] { return index }
    literals.append(.string(string))
    stringLiterals[string] = literals.count - 1
    return literals.count - 1
  }

  mutating func literal(_ value: Program.Literal) -> Expression {
    literals.append(value)
    return .literal(literals.count - 1)
  }

  /// Counts one more operator of `a + b + …`, each of which adds a level to the tree of the tag.
  mutating func countOperator() throws(JinjaError) {
    chained += 1
    if chained > limits.operators {
      throw JinjaError(.limit, "more than \(limits.operators) operators in one tag", at: token.offset)
    }
  }

  /// Counts one more level of nesting; every `descend` is paired with a `depth -= 1`.
  mutating func descend() throws(JinjaError) {
    depth += 1
    if depth > limits.nesting || stack.isExceeded {
      throw JinjaError(.limit, "nested too deeply; \(limits.nesting) levels are allowed", at: token.offset)
    }
  }
}

extension Parser {
  /// Statements up to one of the tags, whose name is then the current token; without tags, to the end.
  mutating func statements(until tags: [String]) throws(JinjaError) -> [Statement] {
    try descend()
    endTags.append(tags)
    defer {
      depth -= 1
      endTags.removeLast()
    }
    var body: [Statement] = []
    while true {
      switch token.kind {
      case .data(let bytes):
        body.append(.data(literal(bytes)))
        advance()
      case .variableBegin:
        let place = token.offset
        chained = 0
        advance()
        body.append(.output(try tuple(), at: place))
        guard token.kind == .variableEnd else { throw unexpected("end of print statement") }
        advance()
      case .blockBegin:
        if case .name(let name) = following.kind, tags.contains(name) {
          advance()
          return body
        }
        advance()
        chained = 0
        body.append(contentsOf: try statement())
      case .end:
        guard tags.isEmpty else {
          let wanted = tags.map { "'\($0)'" }.joined(separator: " or ")
          throw JinjaError(.syntax, "unexpected end of template, \(wanted) is missing", at: token.offset)
        }
        return body
      default: throw unexpected("text or a tag")
      }
    }
  }

  /// The body of a block up to its end tag, which is skipped.
  private mutating func body(until tag: String) throws(JinjaError) -> [Statement] {
    try expectBlockEnd()
    let body = try statements(until: [tag])
    advance()
    try expectBlockEnd()
    return body
  }

  /// Tags that need other files or that change how everything is escaped.
  private static let unsupported: Set<String> = [
    "include", "import", "from", "extends", "block", "autoescape",
  ]

  private mutating func statement() throws(JinjaError) -> [Statement] {
    let place = token.offset
    guard case .name(let name) = token.kind else {
      throw JinjaError(.syntax, "a tag name is missing, got \(token)", at: place)
    }
    advance()
    switch name {
    case "if": return [try conditional()]
    case "for": return [try loop(at: place)]
    case "set": return [try assignment(at: place)]
    case "macro": return [try macro(at: place)]
    case "call": return [try callBlock(at: place)]
    case "with": return [try with(at: place)]
    case "print":
      let value = try tuple()
      try expectBlockEnd()
      return [.output(value, at: place)]
    case "filter":
      let chain = try unconditionally { (parser) throws(JinjaError) in try parser.filterChain() }
      return [.filter(chain, try scoped(until: "endfilter"), at: place)]
    case "generation": return [.generation(try scoped(until: "endgeneration"))]
    case "break", "continue":
      guard loops > 0 else { throw JinjaError(.syntax, "'\(name)' outside of a loop", at: place) }
      try expectBlockEnd()
      return [name == "break" ? .breakLoop : .continueLoop]
    default:
      if Self.unsupported.contains(name) {
        throw JinjaError(
          .unsupported, "'{% \(name) %}' is not available: a chat template stands alone", at: place)
      }
      throw JinjaError(.syntax, "unknown tag '\(name)'\(expectedTags)", at: place)
    }
  }

  private var expectedTags: String {
    guard let tags = endTags.last, !tags.isEmpty else { return "" }
    return "; the innermost block needs " + tags.map { "'\($0)'" }.joined(separator: " or ")
  }

  private mutating func scoped(until tag: String) throws(JinjaError) -> Block {
    let scope = scopes.enter()
    defer { scopes.leave() }
    return Block(
      scope: scope, body: try unconditionally { (parser) throws(JinjaError) in try parser.body(until: tag) })
  }

  /// Parses what belongs to a scope of its own, where an `if` around the scope guards nothing.
  private mutating func unconditionally<Result>(
    _ parse: (inout Parser) throws(JinjaError) -> Result
  ) throws(JinjaError) -> Result {
    let outer = isConditional
    isConditional = false
    defer { isConditional = outer }
    return try parse(&self)
  }

  private mutating func conditional() throws(JinjaError) -> Statement {
    let outer = isConditional
    isConditional = true
    defer { isConditional = outer }
    var parts: [Branch] = []
    while true {
      let place = token.offset
      let test = try tuple(conditional: false)
      try expectBlockEnd()
      parts.append(Branch(test: test, body: try statements(until: ["elif", "else", "endif"]), at: place))
      if skip(name: "elif") { continue }
      var otherwise: [Statement] = []
      if skip(name: "else") {
        try expectBlockEnd()
        otherwise = try statements(until: ["endif"])
      }
      advance()
      try expectBlockEnd()
      return .conditional(parts, otherwise: otherwise)
    }
  }

  private mutating func loop(at place: Int) throws(JinjaError) -> Statement {
    // The target belongs to the body's scope, but the items are evaluated outside of it: skip, then come back.
    let targetStart = at
    try skipTarget()
    try expect(name: "in")
    let items = try tuple(conditional: false, endsAt: "recursive")
    let afterItems = at
    let isRecursive = try findsRecursive()
    let function: Int?
    let scope: Int
    if isRecursive {
      let entered = scopes.enterFunction(isMacro: false)
      (scope, function) = (entered.scope, entered.function)
    } else {
      (scope, function) = (scopes.enter(), nil)
    }
    at = targetStart
    let target = try target(allowsNamespace: false)
    guard isName("in") else { throw unexpected("'in'") }
    if case .slot = target, scopes.slot(of: "loop") != nil {
      throw JinjaError(.syntax, "'loop' cannot be a loop variable", at: place)
    }
    at = afterItems
    let mentions = scopes.mentionCount
    let outer = isConditional
    isConditional = false
    defer { isConditional = outer }
    let test = skip(name: "if") ? try expression() : nil
    _ = skip(name: "recursive")
    try expectBlockEnd()
    loops += 1
    let body = try statements(until: ["else", "endfor"])
    loops -= 1
    let usesLoop = isRecursive || scopes.isMentioned("loop", since: mentions)
    let loopSlot = usesLoop ? scopes.store("loop") : nil
    scopes.leave()
    var otherwise: Block?
    if skip(name: "else") {
      try expectBlockEnd()
      let scope = scopes.enter()
      otherwise = Block(scope: scope, body: try statements(until: ["endfor"]))
      scopes.leave()
    }
    advance()
    try expectBlockEnd()
    return .loop(
      Loop(
        target: target, items: items, test: test, body: Block(scope: scope, body: body), otherwise: otherwise,
        loopSlot: loopSlot, recursive: function, at: place))
  }

  /// Moves over a loop's target without declaring its names.
  private mutating func skipTarget() throws(JinjaError) {
    let start = at
    while !isName("in") {
      switch token.kind {
      case .name, .symbol(.comma), .symbol(.leftParenthesis), .symbol(.rightParenthesis), .symbol(.dot):
        advance()
      default: throw unexpected("a loop variable")
      }
    }
    if at == start { throw unexpected("a loop variable") }
  }

  /// Whether the tag of this loop ends in `recursive`.
  private mutating func findsRecursive() throws(JinjaError) -> Bool {
    var place = at
    while place < tokens.count, tokens[place].kind != .blockEnd { place += 1 }
    return place > at && tokens[place - 1].kind == .name("recursive")
  }

  /// Names to assign to, in parentheses or not; declares them in the current scope.
  private mutating func target(allowsNamespace: Bool) throws(JinjaError) -> Target {
    try descend()
    defer { depth -= 1 }
    var items: [Target] = []
    var isTuple = false
    while true {
      if skip(.leftParenthesis) {
        items.append(try target(allowsNamespace: allowsNamespace))
        try expect(.rightParenthesis)
      } else {
        items.append(try singleTarget(allowsNamespace: allowsNamespace))
      }
      guard skip(.comma) else { break }
      isTuple = true
      guard case .name(let name) = token.kind, name != "in" else {
        if isSymbol(.leftParenthesis) { continue }
        break
      }
    }
    return isTuple ? .tuple(items) : items[0]
  }

  private static let constants: Set<String> = ["true", "false", "none", "True", "False", "None"]

  private mutating func singleTarget(allowsNamespace: Bool) throws(JinjaError) -> Target {
    let place = token.offset
    let name = try expectName()
    if Self.constants.contains(name) { throw JinjaError(.syntax, "cannot assign to '\(name)'", at: place) }
    if allowsNamespace, skip(.dot) {
      return .namespace(scopes.mention(name, at: place), name: try expectName())
    }
    return .slot(scopes.store(name, isSettled: !allowsNamespace))
  }

  private mutating func assignment(at place: Int) throws(JinjaError) -> Statement {
    // The value is parsed last: `{% set x = x %}` mentions the same `x` either way, names resolve at the end.
    let target = try target(allowsNamespace: true)
    if skip(.assign) {
      let value = try tuple()
      try expectBlockEnd()
      scopes.settle(target)
      return .assign(target, value, at: place)
    }
    let filter =
      skip(.pipe) ? try unconditionally { (parser) throws(JinjaError) in try parser.filterChain() } : nil
    let block = try scoped(until: "endset")
    scopes.settle(target)
    return .capture(target, filter: filter, block, at: place)
  }

  private mutating func with(at place: Int) throws(JinjaError) -> Statement {
    var names: [(start: Int, value: Expression)] = []
    while token.kind != .blockEnd {
      if !names.isEmpty { try expect(.comma) }
      let start = at
      while !isSymbol(.assign) {
        guard token.kind != .blockEnd, token.kind != .end else { throw unexpected("'='") }
        advance()
      }
      advance()
      names.append((start, try expression()))
    }
    let end = at
    let scope = scopes.enter()
    defer { scopes.leave() }
    var targets: [(target: Target, value: Expression)] = []
    for name in names {
      at = name.start
      targets.append((try target(allowsNamespace: false), name.value))
      guard isSymbol(.assign) else { throw unexpected("'='") }
    }
    at = end
    let body = try unconditionally { (parser) throws(JinjaError) in try parser.body(until: "endwith") }
    return .with(targets, Block(scope: scope, body: body), at: place)
  }

  private mutating func macro(at place: Int) throws(JinjaError) -> Statement {
    let name = try expectName()
    let slot = scopes.store(name)
    return .macro(slot: slot, try macroBody(name: name, until: "endmacro"))
  }

  private mutating func callBlock(at place: Int) throws(JinjaError) -> Statement {
    // Parameters come before the call, but the call is evaluated outside of their scope.
    let start = at
    if isSymbol(.leftParenthesis) {
      var depth = 0
      repeat {
        if isSymbol(.leftParenthesis) { depth += 1 }
        if isSymbol(.rightParenthesis) { depth -= 1 }
        advance()
      } while depth > 0 && token.kind != .blockEnd
    }
    let callPlace = token.offset
    guard case .call(let callee, let arguments, _) = try expression() else {
      throw JinjaError(.syntax, "'{% call %}' needs a call", at: callPlace)
    }
    let end = at
    at = start
    let macro = try macroBody(name: "caller", until: "endcall", resumeAt: end)
    return .callBlock(callee, arguments, macro, at: place)
  }

  /// Parameters and body of a macro; with `resumeAt`, parameters are optional and the tag goes on there.
  private mutating func macroBody(
    name: String, until tag: String, resumeAt: Int? = nil
  ) throws(JinjaError) -> Macro {
    let (scope, function) = scopes.enterFunction(isMacro: true)
    let (outerLoops, outer) = (loops, isConditional)
    (loops, isConditional) = (0, false)
    defer {
      scopes.leave()
      (loops, isConditional) = (outerLoops, outer)
    }
    var parameters: [Parameter] = []
    if resumeAt == nil || isSymbol(.leftParenthesis) { parameters = try self.parameters() }
    if let resumeAt { at = resumeAt }
    let body = try body(until: tag)
    func special(_ name: String) -> Int? {
      guard scopes.isSpecialUsed(name), !parameters.contains(where: { $0.name == name }) else { return nil }
      return scopes.store(name)
    }
    return Macro(
      name: name, parameters: parameters, function: function, body: Block(scope: scope, body: body),
      callerSlot: special("caller"), varargsSlot: special("varargs"), kwargsSlot: special("kwargs"))
  }

  private mutating func parameters() throws(JinjaError) -> [Parameter] {
    try expect(.leftParenthesis)
    var list: [Parameter] = []
    while !isSymbol(.rightParenthesis) {
      if !list.isEmpty { try expect(.comma) }
      let place = token.offset
      let name = try expectName()
      let slot = scopes.store(name)
      var fallback: Expression?
      if skip(.assign) {
        fallback = try expression()
      } else if list.last?.fallback != nil {
        throw JinjaError(.syntax, "a parameter without default after one with default", at: place)
      }
      list.append(Parameter(name: name, slot: slot, fallback: fallback))
    }
    try expect(.rightParenthesis)
    return list
  }
}

extension Parser {
  /// `a if test else b`, the widest expression without commas.
  mutating func expression(conditional: Bool = true) throws(JinjaError) -> Expression {
    try descend()
    defer { depth -= 1 }
    guard conditional else { return try disjunction() }
    let known = unknown.count
    var result = try disjunction()
    while skip(name: "if") {
      try countOperator()
      let test = try disjunction()
      let otherwise = skip(name: "else") ? try expression() : nil
      result = .conditional(test: test, then: result, otherwise: otherwise)
      unknown.removeSubrange(known...)
    }
    return result
  }

  private mutating func disjunction() throws(JinjaError) -> Expression {
    var left = try conjunction()
    while skip(name: "or") {
      try countOperator()
      left = .or(left, try conjunction())
    }
    return left
  }

  private mutating func conjunction() throws(JinjaError) -> Expression {
    var left = try negation()
    while skip(name: "and") {
      try countOperator()
      left = .and(left, try negation())
    }
    return left
  }

  private mutating func negation() throws(JinjaError) -> Expression {
    guard isName("not") else { return try comparison() }
    advance()
    try descend()
    defer { depth -= 1 }
    return .not(try negation())
  }

  private mutating func comparison() throws(JinjaError) -> Expression {
    let left = try sum()
    var rest: [Comparison] = []
    while true {
      let place = token.offset
      let op: Comparison.Operator
      if case .symbol(let symbol) = token.kind, let known = Comparison.Operator(rawValue: symbol.rawValue) {
        op = known
        advance()
      } else if skip(name: "in") {
        op = .isIn
      } else if isName("not"), following.kind == .name("in") {
        advance()
        advance()
        op = .isNotIn
      } else {
        break
      }
      rest.append(Comparison(op: op, right: try sum(), at: place))
    }
    return rest.isEmpty ? left : .compare(left, rest)
  }

  private mutating func chain(
    _ operators: [Token.Symbol], _ operand: (inout Parser) throws(JinjaError) -> Expression
  ) throws(JinjaError) -> Expression {
    var left = try operand(&self)
    while case .symbol(let symbol) = token.kind, operators.contains(symbol),
      let op = BinaryOperator(rawValue: symbol.rawValue)
    {
      let place = token.offset
      advance()
      try countOperator()
      left = .binary(op, left, try operand(&self), at: place)
    }
    return left
  }

  private mutating func sum() throws(JinjaError) -> Expression {
    try chain([.plus, .minus]) { (parser) throws(JinjaError) in try parser.concatenation() }
  }

  private mutating func concatenation() throws(JinjaError) -> Expression {
    let place = token.offset
    var parts = [try product()]
    while skip(.tilde) { parts.append(try product()) }
    return parts.count == 1 ? parts[0] : .concat(parts, at: place)
  }

  private mutating func product() throws(JinjaError) -> Expression {
    try chain([.times, .divide, .floorDivide, .modulo]) { (parser) throws(JinjaError) in try parser.power() }
  }

  private mutating func power() throws(JinjaError) -> Expression {
    try chain([.power]) { (parser) throws(JinjaError) in try parser.unary(withFilters: true) }
  }

  mutating func unary(withFilters: Bool) throws(JinjaError) -> Expression {
    let place = token.offset
    var result: Expression
    if isSymbol(.minus) || isSymbol(.plus) {
      let isNegative = isSymbol(.minus)
      advance()
      try descend()
      defer { depth -= 1 }
      result = .sign(isNegative: isNegative, try unary(withFilters: false), at: place)
    } else {
      result = try primary()
    }
    result = try postfix(result)
    return withFilters ? try filters(result) : result
  }

  mutating func primary() throws(JinjaError) -> Expression {
    let place = token.offset
    switch token.kind {
    case .name(let name):
      advance()
      switch name {
      case "true", "True": return literal(.bool(true))
      case "false", "False": return literal(.bool(false))
      case "none", "None": return literal(.none)
      default: return .name(scopes.mention(name, at: place))
      }
    case .string(var bytes):
      advance()
      while case .string(let more) = token.kind {
        bytes += more
        advance()
      }
      return .literal(literal(bytes))
    case .integer(let value):
      advance()
      return literal(.int(value))
    case .bigInteger(let digits):
      advance()
      return literal(.bigInt(digits))
    case .float(let value):
      advance()
      return literal(.float(value))
    case .symbol(.leftParenthesis):
      advance()
      let result = try tuple(explicit: true)
      try expect(.rightParenthesis)
      return result
    case .symbol(.leftBracket): return try listLiteral()
    case .symbol(.leftBrace): return try dictLiteral()
    default: throw JinjaError(.syntax, "unexpected \(token)", at: place)
    }
  }

  private mutating func listLiteral() throws(JinjaError) -> Expression {
    advance()
    var items: [Expression] = []
    while !isSymbol(.rightBracket) {
      if !items.isEmpty { try expect(.comma) }
      if isSymbol(.rightBracket) { break }
      items.append(try expression())
    }
    try expect(.rightBracket)
    return .list(items)
  }

  private mutating func dictLiteral() throws(JinjaError) -> Expression {
    let place = token.offset
    advance()
    var items: [DictItem] = []
    while !isSymbol(.rightBrace) {
      if !items.isEmpty { try expect(.comma) }
      if isSymbol(.rightBrace) { break }
      let key = try expression()
      try expect(.colon)
      items.append(DictItem(key: key, value: try expression()))
    }
    try expect(.rightBrace)
    return .dict(items, at: place)
  }

  /// Expressions with commas between them: one of them alone, or a tuple.
  mutating func tuple(
    explicit: Bool = false, conditional: Bool = true, endsAt name: String? = nil
  ) throws(JinjaError) -> Expression {
    var items: [Expression] = []
    var isTuple = false
    while true {
      if !items.isEmpty { try expect(.comma) }
      if isTupleEnd(name) { break }
      items.append(try expression(conditional: conditional))
      guard isSymbol(.comma) else { break }
      isTuple = true
    }
    if !isTuple {
      if let first = items.first { return first }
      guard explicit else {
        throw JinjaError(.syntax, "expected an expression, got \(token)", at: token.offset)
      }
    }
    return .tuple(items)
  }

  func isTupleEnd(_ name: String?) -> Bool {
    switch token.kind {
    case .variableEnd, .blockEnd, .symbol(.rightParenthesis): true
    case .name(let word): word == name
    default: false
    }
  }

  // MARK: After a value

  mutating func postfix(_ start: Expression) throws(JinjaError) -> Expression {
    var result = start
    while true {
      if isSymbol(.dot) || isSymbol(.leftBracket) {
        result = try subscripted(result)
      } else if isSymbol(.leftParenthesis) {
        result = try call(result)
      } else {
        return result
      }
      try countOperator()
    }
  }

  /// Filters, tests and calls of what they give.
  mutating func filters(_ start: Expression) throws(JinjaError) -> Expression {
    var result = start
    while true {
      if isSymbol(.pipe) {
        advance()
        result = try filter(result)
      } else if isName("is") {
        result = try test(result)
      } else if isSymbol(.leftParenthesis) {
        result = try call(result)
      } else {
        return result
      }
      try countOperator()
    }
  }

  private mutating func call(_ callee: Expression) throws(JinjaError) -> Expression {
    let place = token.offset
    if case .name(let index) = callee { note(.function(index, at: place)) }
    return .call(callee, try arguments(), at: place)
  }

  private mutating func subscripted(_ value: Expression) throws(JinjaError) -> Expression {
    let place = token.offset
    if skip(.dot) {
      switch token.kind {
      case .name(let name):
        advance()
        return .attribute(value, AttributeName(name), at: place)
      case .integer(let index):
        advance()
        return .item(value, literal(.int(index)), at: place)
      default: throw unexpected("a name or number")
      }
    }
    try expect(.leftBracket)
    try descend()
    defer { depth -= 1 }
    var items: [Expression] = []
    while true {
      if !items.isEmpty { try expect(.comma) }
      let first = isSymbol(.colon) ? nil : try expression()
      if isSymbol(.colon) {
        guard items.isEmpty else { throw JinjaError(.unsupported, "a slice among indices", at: place) }
        let bounds = try sliceBounds(start: first)
        try expect(.rightBracket)
        return .slice(value, bounds, at: place)
      }
      if let first { items.append(first) }
      guard isSymbol(.comma) else { break }
    }
    try expect(.rightBracket)
    return .item(value, items.count == 1 ? items[0] : .tuple(items), at: place)
  }

  /// The rest of a slice, from its first colon.
  private mutating func sliceBounds(start: Expression?) throws(JinjaError) -> SliceBounds {
    try expect(.colon)
    var stop: Expression?
    if !isSymbol(.colon), !isSymbol(.rightBracket) { stop = try expression() }
    var step: Expression?
    if skip(.colon), !isSymbol(.rightBracket) { step = try expression() }
    return SliceBounds(start: start, stop: stop, step: step)
  }

  mutating func arguments() throws(JinjaError) -> ArgumentList {
    try expect(.leftParenthesis)
    var list = ArgumentList()
    var isFirst = true
    while !isSymbol(.rightParenthesis) {
      if !isFirst { try expect(.comma) }
      if isSymbol(.rightParenthesis) { break }
      isFirst = false
      let place = token.offset
      if skip(.times) {
        guard list.spread == nil, list.spreadNamed == nil else { throw invalidArguments(place) }
        list.spread = try expression()
      } else if skip(.power) {
        guard list.spreadNamed == nil else { throw invalidArguments(place) }
        list.spreadNamed = try expression()
      } else if case .name(let name) = token.kind, following.kind == .symbol(.assign) {
        guard list.spreadNamed == nil else { throw invalidArguments(place) }
        guard !list.named.contains(where: { $0.name == name }) else {
          throw JinjaError(.syntax, "the argument '\(name)' is given twice", at: place)
        }
        advance()
        advance()
        list.named.append((name, try expression()))
      } else {
        guard list.named.isEmpty, list.spread == nil, list.spreadNamed == nil else {
          throw invalidArguments(place)
        }
        list.positional.append(try expression())
      }
    }
    try expect(.rightParenthesis)
    return list
  }

  private func invalidArguments(_ place: Int) -> JinjaError {
    JinjaError(.syntax, "invalid order of arguments", at: place)
  }

  /// A filter after its `|`.
  mutating func filter(_ input: Expression?) throws(JinjaError) -> Expression {
    let place = token.offset
    let name = try dottedName()
    let list = isSymbol(.leftParenthesis) ? try arguments() : ArgumentList()
    let function = Filters.table[name]
    if function == nil { note(.filter(name, at: place)) }
    return .filter(input, FilterUse(name: name, function: function, arguments: list, at: place))
  }

  /// Filters in a row without input of their own, as in `{% filter a | b %}`.
  mutating func filterChain() throws(JinjaError) -> Expression {
    var result = try filter(nil)
    while skip(.pipe) {
      try countOperator()
      result = try filter(result)
    }
    return result
  }

  private mutating func dottedName() throws(JinjaError) -> String {
    var name = try expectName()
    while skip(.dot) { name += "." + (try expectName()) }
    return name
  }

  private mutating func test(_ value: Expression) throws(JinjaError) -> Expression {
    advance()
    let isNegated = skip(name: "not")
    let place = token.offset
    let name = try dottedName()
    var list = ArgumentList()
    if isSymbol(.leftParenthesis) {
      list = try arguments()
    } else if startsTestArgument {
      if isName("is") { throw JinjaError(.syntax, "tests cannot be chained with 'is'", at: token.offset) }
      list.positional.append(try postfix(try primary()))
    }
    let function = Checks.table[name]
    if function == nil { note(.test(name, at: place)) }
    return .test(
      value, TestUse(name: name, function: function, arguments: list, isNegated: isNegated, at: place))
  }

  private var startsTestArgument: Bool {
    switch token.kind {
    case .name(let name): !["else", "or", "and"].contains(name)
    case .string, .integer, .bigInteger, .float: true
    case .symbol(.leftParenthesis), .symbol(.leftBracket), .symbol(.leftBrace): true
    default: false
    }
  }
}

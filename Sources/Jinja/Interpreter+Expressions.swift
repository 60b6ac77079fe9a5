extension Interpreter {
  /// The value of an expression.
  ///
  /// The cases only call: a frame of this function is on the stack for every level of nesting.
  func evaluate(_ expression: Expression) throws(JinjaError) -> Object {
    try tick()
    try checkStack()
    switch expression {
    case .literal(let index): return literal(index)
    case .name(let index): return lookUp(index)
    case .attribute(let base, let name, let at): return try attribute(base, name, at)
    case .item(let base, let key, let at): return try item(base, key, at)
    case .call(let callee, let arguments, let at): return try call(callee, arguments, at)
    case .filter(let input, let use): return try filter(input, use)
    case .test(let value, let use): return try test(value, use)
    case .compare(let left, let rest): return try compare(left, rest)
    case .and(let left, let right): return try conjunction(left, right)
    case .or(let left, let right): return try disjunction(left, right)
    case .not(let operand): return .bool(!(try evaluate(operand).isTrue))
    case .binary(let op, let left, let right, let at): return try binary(op, left, right, at)
    case .concat(let parts, let at): return try concat(parts, at)
    case .conditional(let test, let then, let otherwise): return try conditional(test, then, otherwise)
    case .slice(let base, let bounds, let at): return try slice(base, bounds, at)
    case .list(let items): return try adopt(.list(try evaluate(all: items)))
    case .tuple(let items): return try adopt(.tuple(try evaluate(all: items)))
    case .dict(let items, let at): return try dict(items, at)
    case .sign(let isNegative, let operand, let at): return try sign(isNegative, operand, at)
    }
  }

  private func evaluate(all expressions: [Expression]) throws(JinjaError) -> [Object] {
    var values: [Object] = []
    values.reserveCapacity(expressions.count)
    for expression in expressions { values.append(try evaluate(expression)) }
    return values
  }

  @inline(never)
  private func conjunction(_ left: Expression, _ right: Expression) throws(JinjaError) -> Object {
    let value = try evaluate(left)
    return value.isTrue ? try evaluate(right) : value
  }

  @inline(never)
  private func disjunction(_ left: Expression, _ right: Expression) throws(JinjaError) -> Object {
    let value = try evaluate(left)
    return value.isTrue ? value : try evaluate(right)
  }

  @inline(never)
  private func conditional(
    _ test: Expression, _ then: Expression, _ otherwise: Expression?
  ) throws(JinjaError) -> Object {
    if try evaluate(test).isTrue { return try evaluate(then) }
    if let otherwise { return try evaluate(otherwise) }
    return .undefined(
      Undefined("the inline if-expression evaluated to false and no else section was defined."))
  }

  @inline(never)
  private func dict(_ items: [DictItem], _ at: Int) throws(JinjaError) -> Object {
    let dict = DictObject()
    for item in items {
      let key = try evaluate(item.key)
      let value = try evaluate(item.value)
      position = at
      try dict.set(key, value)
    }
    return try adopt(.dict(dict))
  }

  @inline(never)
  private func sign(_ isNegative: Bool, _ operand: Expression, _ at: Int) throws(JinjaError) -> Object {
    let value = try evaluate(operand)
    position = at
    if case .undefined(let missing) = value { throw missing.error }
    if case .float(let number) = value { return .float(isNegative ? -number : number) }
    guard let number = value.integer else {
      throw JinjaError(.type, "bad operand type for unary \(isNegative ? "-" : "+"): '\(value.typeName)'")
    }
    let (result, overflow) = isNegative ? (0).subtractingReportingOverflow(number) : (number, false)
    if overflow { throw Operators.overflow }
    return .int(result)
  }

  @inline(never)
  private func binary(
    _ op: BinaryOperator, _ left: Expression, _ right: Expression, _ at: Int
  ) throws(JinjaError) -> Object {
    let first = try evaluate(left)
    let second = try evaluate(right)
    position = at
    return try adopt(try binary(op, first, second))
  }

  @inline(never)
  private func concat(_ parts: [Expression], _ at: Int) throws(JinjaError) -> Object {
    var builder = TextBuilder()
    for part in parts {
      let value = try evaluate(part)
      position = at
      try print(value, into: &builder)
      try checkLength(builder.count)
    }
    return try adopt(.string(builder.text()))
  }

  @inline(never)
  private func compare(_ first: Expression, _ rest: [Comparison]) throws(JinjaError) -> Object {
    var left = try evaluate(first)
    for comparison in rest {
      let right = try evaluate(comparison.right)
      position = comparison.at
      guard try compare(comparison.op, left, right) else { return .bool(false) }
      left = right
    }
    return .bool(true)
  }

  @inline(never)
  private func attribute(_ base: Expression, _ name: AttributeName, _ at: Int) throws(JinjaError) -> Object {
    let value = try evaluate(base)
    position = at
    return try attribute(of: value, name)
  }

  @inline(never)
  private func item(_ base: Expression, _ key: Expression, _ at: Int) throws(JinjaError) -> Object {
    let value = try evaluate(base)
    let key = try evaluate(key)
    position = at
    return try item(of: value, key)
  }

  @inline(never)
  private func slice(_ base: Expression, _ bounds: SliceBounds, _ at: Int) throws(JinjaError) -> Object {
    let value = try evaluate(base)
    let start = try bounds.start.map(bound) ?? nil
    let stop = try bounds.stop.map(bound) ?? nil
    let step = try bounds.step.map(bound) ?? nil
    position = at
    return try adopt(try slice(value, Slice(start: start, stop: stop, step: step)))
  }

  /// A slice bound: a whole number, or nil for none.
  private func bound(_ expression: Expression) throws(JinjaError) -> Int? {
    let value = try evaluate(expression)
    if case .none = value { return nil }
    if case .undefined(let missing) = value { throw missing.error }
    guard let index = value.integer else {
      throw JinjaError(.type, "slice indices must be integers or None")
    }
    return index
  }

  // MARK: Calls

  @inline(never)
  private func call(_ callee: Expression, _ list: ArgumentList, _ at: Int) throws(JinjaError) -> Object {
    if case .attribute(let base, let name, let place) = callee {
      let receiver = try evaluate(base)
      if let method = Method(name, of: receiver) {
        let arguments = try evaluate(list)
        position = at
        try step()
        return try adopt(try method.call(self, receiver, arguments))
      }
      position = place
      let target = try attribute(of: receiver, name)
      return try call(target, try evaluate(list), at)
    }
    let target = try evaluate(callee)
    return try call(target, try evaluate(list), at)
  }

  /// Calls a value.
  func call(_ target: Object, _ arguments: Arguments, _ at: Int) throws(JinjaError) -> Object {
    position = at
    try step()
    switch target {
    case .host(let host) where host.isCallable: return try adopt(try host.call(self, arguments))
    case .undefined(let missing): throw missing.error
    default: throw JinjaError(.type, "'\(target.typeName)' object is not callable")
    }
  }

  /// The arguments of a call, filter or test.
  @inline(never)
  func evaluate(_ list: ArgumentList) throws(JinjaError) -> Arguments {
    if list.isEmpty { return Arguments() }
    var arguments = Arguments(positional: try evaluate(all: list.positional))
    for argument in list.named { try arguments.add(argument.name, try evaluate(argument.value)) }
    if let spread = list.spread {
      arguments.positional += try iterate(try evaluate(spread))
      try checkCount(arguments.positional.count)
    }
    if let spread = list.spreadNamed {
      guard case .dict(let dict) = try evaluate(spread) else {
        throw JinjaError(.type, "the argument after ** must be a mapping")
      }
      for (key, value) in zip(dict.keys, dict.values) {
        guard case .string(let name) = key else { throw JinjaError(.type, "keywords must be strings") }
        try arguments.add(name.string, value)
      }
    }
    return arguments
  }

  @inline(never)
  private func filter(_ input: Expression?, _ use: FilterUse) throws(JinjaError) -> Object {
    let value = try input.map(evaluate) ?? .string(filterInput)
    let arguments = try evaluate(use.arguments)
    position = use.at
    try step()
    guard let function = use.function else { throw JinjaError(.syntax, "no filter named '\(use.name)'") }
    return try adopt(try function(self, value, arguments))
  }

  @inline(never)
  private func test(_ value: Expression, _ use: TestUse) throws(JinjaError) -> Object {
    let value = try evaluate(value)
    let arguments = try evaluate(use.arguments)
    position = use.at
    guard let function = use.function else { throw JinjaError(.syntax, "no test named '\(use.name)'") }
    return .bool(try function(self, value, arguments) != use.isNegated)
  }
}

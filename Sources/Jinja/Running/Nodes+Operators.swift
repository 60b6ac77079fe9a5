/// `-a`, `+a`.
final class SignNode: Node {
  let isNegative: Bool
  let operand: any Node
  let at: Int

  init(isNegative: Bool, _ operand: any Node, at: Int) {
    self.isNegative = isNegative
    self.operand = operand
    self.at = at
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    let value = try operand.evaluate(run)
    run.position = at
    if case .undefined(let missing) = value { throw missing.error }
    if case .float(let number) = value { return .float(isNegative ? -number : number) }
    if case .big(let number) = value { return isNegative ? number.negated : value }
    guard let number = value.integer else {
      throw JinjaError(.type, "bad operand type for unary \(isNegative ? "-" : "+"): '\(value.typeName)'")
    }
    let (result, overflow) = isNegative ? (0).subtractingReportingOverflow(number) : (number, false)
    if overflow { throw Operators.overflow }
    return .int(result)
  }
}

/// `not a`.
final class NotNode: Condition {
  let operand: any Node

  init(_ operand: any Node) { self.operand = operand }

  func holds(_ run: Interpreter) throws(JinjaError) -> Bool { !(try operand.holds(run)) }
}

/// `a and b`.
final class AndNode: Node {
  let left: any Node
  let right: any Node

  init(_ left: any Node, _ right: any Node) {
    self.left = left
    self.right = right
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    let value = try left.evaluate(run)
    return value.isTrue ? try right.evaluate(run) : value
  }

  func holds(_ run: Interpreter) throws(JinjaError) -> Bool {
    try left.holds(run) ? try right.holds(run) : false
  }
}

/// `a or b`.
final class OrNode: Node {
  let left: any Node
  let right: any Node

  init(_ left: any Node, _ right: any Node) {
    self.left = left
    self.right = right
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    let value = try left.evaluate(run)
    return value.isTrue ? value : try right.evaluate(run)
  }

  func holds(_ run: Interpreter) throws(JinjaError) -> Bool {
    try left.holds(run) ? true : try right.holds(run)
  }
}

/// `a if test else b`.
final class ConditionalNode: Node {
  let test: any Node
  let then: any Node
  let otherwise: (any Node)?

  init(test: any Node, then: any Node, otherwise: (any Node)?) {
    self.test = test
    self.then = then
    self.otherwise = otherwise
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    if try test.holds(run) { return try then.evaluate(run) }
    if let otherwise { return try otherwise.evaluate(run) }
    return .undefined(
      Undefined("the inline if-expression evaluated to false and no else section was defined."))
  }
}

/// `a - b` and its like.
final class BinaryNode: Node {
  let op: BinaryOperator
  let left: any Node
  let right: any Node
  let at: Int

  init(_ op: BinaryOperator, _ left: any Node, _ right: any Node, at: Int) {
    self.op = op
    self.left = left
    self.right = right
    self.at = at
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    let first = try left.evaluate(run)
    let second = try right.evaluate(run)
    run.position = at
    return try run.adopt(try run.binary(op, first, second))
  }
}

/// `a + b + c`: strings are joined at once, anything else by pairs.
final class SumNode: Node {
  let first: any Node
  let rest: [any Node]
  /// Where the operators before `rest` stand.
  let places: [Int]

  init(_ first: any Node, _ rest: [any Node], at places: [Int]) {
    self.first = first
    self.rest = rest
    self.places = places
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    var left = try first.evaluate(run)
    guard case .string(let text) = left, !text.isMarkup else { return try add(to: left, from: 0, run) }
    var builder = TextBuilder()
    builder.append(text)
    for place in rest.indices {
      let right = try rest[place].evaluate(run)
      guard case .string(let more) = right, !more.isMarkup else {
        left = try run.adopt(.string(builder.text()))
        return try add(to: try join(left, right, place, run), from: place + 1, run)
      }
      run.position = places[place]
      try run.checkLength(builder.count + more.size)
      builder.append(more)
    }
    return try run.adopt(.string(builder.text()))
  }

  /// Joins straight into the output.
  func write(_ run: Interpreter, at: Int) throws(JinjaError) {
    let start = run.output.count
    if let left = try first.append(run) { return try run.print(try add(to: left, from: 0, run), at: at) }
    for place in rest.indices {
      if let right = try rest[place].append(run) {
        let left = try run.adopt(.string(run.output.cut(from: start)))
        let joined = try join(left, right, place, run)
        return try run.print(try add(to: joined, from: place + 1, run), at: at)
      }
      run.position = places[place]
      try run.checkLength(run.output.count - start)
    }
    run.position = at
    try run.countOutput(since: start)
  }

  private func join(_ left: Object, _ right: Object, _ place: Int, _ run: Interpreter) throws(JinjaError)
    -> Object
  {
    run.position = places[place]
    return try run.adopt(try run.binary(.add, left, right))
  }

  private func add(to start: Object, from place: Int, _ run: Interpreter) throws(JinjaError) -> Object {
    var left = start
    for place in place..<rest.count {
      left = try join(left, try rest[place].evaluate(run), place, run)
    }
    return left
  }
}

/// `a ~ b ~ c`.
final class ConcatenationNode: Node {
  let parts: [any Node]
  let at: Int

  init(_ parts: [any Node], at: Int) {
    self.parts = parts
    self.at = at
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    var builder = TextBuilder()
    for part in parts {
      let value = try part.evaluate(run)
      run.position = at
      try run.print(value, into: &builder)
      try run.checkLength(builder.count)
    }
    return try run.adopt(.string(builder.text()))
  }
}

/// `a == b`, `a != b`.
final class EqualNode: Condition {
  let left: any Node
  let right: any Node
  let isNegated: Bool
  let at: Int

  init(_ left: any Node, _ right: any Node, isNegated: Bool, at: Int) {
    self.left = left
    self.right = right
    self.isNegated = isNegated
    self.at = at
  }

  func holds(_ run: Interpreter) throws(JinjaError) -> Bool {
    let first = try left.evaluate(run)
    let second = try right.evaluate(run)
    run.position = at
    return try run.equal(first, second) != isNegated
  }
}

/// `a == 'text'`, `a != 'text'`.
final class EqualTextNode: Condition {
  let left: any Node
  let wanted: ConstantText
  let isNegated: Bool

  init(_ left: any Node, _ text: ConstantText, isNegated: Bool) {
    self.left = left
    wanted = text
    self.isNegated = isNegated
  }

  func holds(_ run: Interpreter) throws(JinjaError) -> Bool {
    try left.equals(wanted, run) != isNegated
  }
}

/// `a < b <= c`.
final class CompareNode: Condition {
  let left: any Node
  let rest: [(op: Comparison.Operator, right: any Node, at: Int)]

  init(_ left: any Node, _ rest: [(op: Comparison.Operator, right: any Node, at: Int)]) {
    self.left = left
    self.rest = rest
  }

  func holds(_ run: Interpreter) throws(JinjaError) -> Bool {
    var left = try left.evaluate(run)
    for comparison in rest {
      let right = try comparison.right.evaluate(run)
      run.position = comparison.at
      guard try run.compare(comparison.op, left, right) else { return false }
      left = right
    }
    return true
  }
}

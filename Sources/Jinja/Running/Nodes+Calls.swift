/// `f(…)`.
final class CallNode: Node {
  let callee: any Node
  let arguments: ArgumentNodes
  let at: Int

  init(_ callee: any Node, _ arguments: ArgumentNodes, at: Int) {
    self.callee = callee
    self.arguments = arguments
    self.at = at
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    let target = try callee.evaluate(run)
    return try run.call(target, try arguments.evaluate(run), at)
  }
}

/// `a.name(…)`.
final class MethodCallNode: Node {
  let base: any Node
  let name: AttributeName
  let nameAt: Int
  let arguments: ArgumentNodes
  let at: Int

  init(_ base: any Node, _ name: AttributeName, nameAt: Int, _ arguments: ArgumentNodes, at: Int) {
    self.base = base
    self.name = name
    self.nameAt = nameAt
    self.arguments = arguments
    self.at = at
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    let receiver = try base.evaluate(run)
    if let method = Method(name, of: receiver) {
      let arguments = try arguments.evaluate(run)
      run.position = at
      try run.tick()
      return try run.adopt(try method.call(run, receiver, arguments))
    }
    run.position = nameAt
    let target = try run.attribute(of: receiver, name)
    return try run.call(target, try arguments.evaluate(run), at)
  }
}

/// `a | name(…)`; without `a`, the text of a `{% filter %}` or `{% set %}` block.
final class FilterNode: Node {
  let input: (any Node)?
  let name: String
  let function: Filters.Function?
  let arguments: ArgumentNodes
  let at: Int

  init(_ input: (any Node)?, _ use: FilterUse, _ arguments: ArgumentNodes) {
    self.input = input
    name = use.name
    function = use.function
    self.arguments = arguments
    at = use.at
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    let value = try input?.evaluate(run) ?? .string(run.filterInput)
    let arguments = try arguments.evaluate(run)
    run.position = at
    try run.tick()
    guard let function else { throw JinjaError(.syntax, "no filter named '\(name)'") }
    return try run.adopt(try function(run, value, arguments))
  }
}

/// `a | trim`, through which most templates send each message: text that only goes to the output is not copied before.
final class TrimNode: Node {
  let input: any Node
  let at: Int

  init(_ input: any Node, at: Int) {
    self.input = input
    self.at = at
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    let (text, kept) = try trimmed(run)
    return try run.adopt(.string(text.slice(kept)))
  }

  func append(_ run: Interpreter) throws(JinjaError) -> Object? {
    let (text, kept) = try trimmed(run)
    guard !text.isMarkup else { return try run.adopt(.string(text.slice(kept))) }
    run.output.append(text, kept)
    return nil
  }

  private func trimmed(_ run: Interpreter) throws(JinjaError) -> (Text, Range<Int>) {
    let value = try input.evaluate(run)
    run.position = at
    try run.tick()
    let text = try run.soft(value)
    try run.charge(bytes: text.size)
    return (text, run.trimmed(text))
  }
}

/// `a is name …`.
final class TestNode: Condition {
  let value: any Node
  let name: String
  let function: Checks.Function?
  let arguments: ArgumentNodes
  let isNegated: Bool
  let at: Int

  init(_ value: any Node, _ use: TestUse, _ arguments: ArgumentNodes) {
    self.value = value
    name = use.name
    function = use.function
    self.arguments = arguments
    isNegated = use.isNegated
    at = use.at
  }

  func holds(_ run: Interpreter) throws(JinjaError) -> Bool {
    let value = try value.evaluate(run)
    let arguments = try arguments.evaluate(run)
    run.position = at
    guard let function else { throw JinjaError(.syntax, "no test named '\(name)'") }
    return try function(run, value, arguments) != isNegated
  }
}

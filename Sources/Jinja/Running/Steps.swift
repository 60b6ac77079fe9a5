/// Text of the template.
final class DataStep: Step {
  let text: ConstantText

  init(_ text: ConstantText) { self.text = text }

  func run(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow {
    let start = run.output.count
    run.output.append(text)
    try run.countOutput(since: start)
    return .next
  }
}

/// `{{ a }}`.
final class OutputStep: Step {
  let value: any Node
  let at: Int

  init(_ value: any Node, at: Int) {
    self.value = value
    self.at = at
  }

  func run(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow {
    try value.write(run, at: at)
    return .next
  }
}

/// `{% if a %}…{% elif b %}…{% else %}…{% endif %}`, as a chain of tests.
final class ConditionalStep: Step {
  let test: any Node
  let body: Body
  let elif: ConditionalStep?
  let otherwise: Body

  init(_ test: any Node, _ body: Body, elif: ConditionalStep?, otherwise: Body) {
    self.test = test
    self.body = body
    self.elif = elif
    self.otherwise = otherwise
  }

  func run(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow {
    if try test.holds(run) { return try body.run(run) }
    guard let elif else { return try otherwise.run(run) }
    try run.checkStack()
    return try elif.run(run)
  }
}

/// `{% set target = value %}`.
final class AssignStep: Step {
  let target: Destination
  let value: any Node
  let at: Int

  init(_ target: Destination, _ value: any Node, at: Int) {
    self.target = target
    self.value = value
    self.at = at
  }

  func run(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow {
    let value = try value.evaluate(run)
    run.position = at
    try target.assign(value, run)
    return .next
  }
}

/// `{% set target | filters %}…{% endset %}`.
final class CaptureStep: Step {
  let target: Destination
  let filter: (any Node)?
  let body: Body
  let at: Int

  init(_ target: Destination, filter: (any Node)?, _ body: Body, at: Int) {
    self.target = target
    self.filter = filter
    self.body = body
    self.at = at
  }

  func run(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow {
    let text = try run.capture(body)
    run.position = at
    let value: Object = if let filter { try run.apply(filter, to: text) } else { .string(text) }
    try target.assign(value, run)
    return .next
  }
}

/// `{% filter a | b %}…{% endfilter %}`.
final class FilterStep: Step {
  let chain: any Node
  let body: Body
  let at: Int

  init(_ chain: any Node, _ body: Body, at: Int) {
    self.chain = chain
    self.body = body
    self.at = at
  }

  func run(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow {
    let text = try run.capture(body)
    run.position = at
    try run.write(try run.str(try run.apply(chain, to: text)))
    return .next
  }
}

/// `{% with a = 1 %}…{% endwith %}`.
final class WithStep: Step {
  let targets: [(target: Destination, value: any Node)]
  let variables: [Int]
  let body: Body
  let at: Int

  init(
    _ targets: [(target: Destination, value: any Node)], variables: [Int], _ body: Body, at: Int
  ) {
    self.targets = targets
    self.variables = variables
    self.body = body
    self.at = at
  }

  func run(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow {
    var values: [Object] = []
    for target in targets { values.append(try target.value.evaluate(run)) }
    run.position = at
    for slot in variables { run.variables[slot] = nil }
    for (target, value) in zip(targets, values) { try target.target.assign(value, run) }
    return try body.run(run)
  }
}

/// `{% generation %}…{% endgeneration %}`.
final class GenerationStep: Step {
  let body: Body

  init(_ body: Body) { self.body = body }

  func run(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow {
    let start = run.output.count
    let flow = try body.run(run)
    if run.captures == 0 { run.generations.append(start..<run.output.count) }
    return flow
  }
}

/// `{% break %}`, `{% continue %}`.
final class LeaveStep: Step {
  let flow: Interpreter.Flow

  init(_ flow: Interpreter.Flow) { self.flow = flow }

  func run(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow { flow }
}

/// `{% macro name(…) %}…{% endmacro %}`.
final class MacroStep: Step {
  let slot: Int
  let code: MacroCode

  init(slot: Int, _ code: MacroCode) {
    self.slot = slot
    self.code = code
  }

  func run(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow {
    run.hold(run.frame)
    run.variables[slot] = .host(MacroObject(code, run.frame))
    return .next
  }
}

/// `{% call(…) f(…) %}…{% endcall %}`.
final class CallBlockStep: Step {
  let callee: any Node
  let arguments: ArgumentNodes
  let code: MacroCode
  let at: Int

  init(_ callee: any Node, _ arguments: ArgumentNodes, _ code: MacroCode, at: Int) {
    self.callee = callee
    self.arguments = arguments
    self.code = code
    self.at = at
  }

  func run(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow {
    let target = try callee.evaluate(run)
    var arguments = try arguments.evaluate(run)
    run.hold(run.frame)
    run.position = at
    try arguments.add("caller", .host(MacroObject(code, run.frame)))
    try run.write(try run.str(try run.call(target, arguments, at)))
    return .next
  }
}

/// What a statement assigns to.
indirect enum Destination: Sendable {
  case slot(Int)
  case tuple([Destination])
  /// `ns.name`
  case namespace(any Node, AttributeName)

  func assign(_ value: consuming Object, _ run: Interpreter) throws(JinjaError) {
    switch self {
    case .slot(let slot): run.variables[slot] = value
    case .namespace(let node, let name):
      guard case .host(let host) = try node.evaluate(run), let namespace = host as? Namespace else {
        throw JinjaError(.type, "cannot assign attribute on non-namespace object")
      }
      namespace.set(name.text, value)
    case .tuple(let targets):
      let items = try run.iterate(value)
      guard items.count == targets.count else {
        let problem = items.count < targets.count ? "not enough" : "too many"
        throw JinjaError(
          .value, "\(problem) values to unpack (expected \(targets.count), got \(items.count))")
      }
      for (target, item) in zip(targets, items) { try target.assign(item, run) }
    }
  }
}

extension Compiler {
  mutating func body(_ statements: [Statement]) throws(JinjaError) -> Body {
    var steps: [any Step] = []
    for statement in statements { steps.append(try step(statement)) }
    return Body(steps: steps)
  }

  /// Statements with variables of their own.
  private mutating func body(_ block: Block) throws(JinjaError) -> Body {
    var body = try body(block.body)
    body.variables = scopes[block.scope]
    return body
  }

  private mutating func step(_ statement: Statement) throws(JinjaError) -> any Step {
    switch statement {
    case .data(let index): return DataStep(ConstantText(bytes(index) ?? []))
    case .output(let value, let at): return try output(value, at)
    case .conditional(let branches, let otherwise): return try conditional(branches, otherwise)
    case .loop(let loop): return try self.loop(loop)
    case .assign(let target, let value, let at):
      return AssignStep(try self.target(target), try node(value), at: at)
    case .capture(let target, let filter, let block, let at):
      let filter: (any Node)? = if let filter { try node(filter) } else { nil }
      return CaptureStep(try self.target(target), filter: filter, try body(block), at: at)
    case .macro(let slot, let macro): return MacroStep(slot: slot, try code(macro))
    case .callBlock(let callee, let arguments, let macro, let at):
      let callee = try node(callee)
      return CallBlockStep(callee, try self.arguments(arguments), try code(macro), at: at)
    case .filter(let chain, let block, let at): return FilterStep(try node(chain), try body(block), at: at)
    case .with(let targets, let block, let at): return try with(targets, block, at)
    case .generation(let block): return GenerationStep(try body(block))
    case .breakLoop: return LeaveStep(.breakLoop)
    case .continueLoop: return LeaveStep(.continueLoop)
    }
  }

  private mutating func output(_ value: Expression, _ at: Int) throws(JinjaError) -> any Step {
    let node = try node(value)
    if let text = node as? TextNode { return DataStep(text.constant) }
    return OutputStep(node, at: at)
  }

  private mutating func conditional(
    _ branches: [Branch], _ otherwise: [Statement]
  ) throws(JinjaError) -> any Step {
    var made: [(test: any Node, body: Body)] = []
    for branch in branches { made.append((try node(branch.test), try body(branch.body))) }
    let otherwise = try body(otherwise)
    var step: ConditionalStep?
    for branch in made.reversed() {
      step = ConditionalStep(
        branch.test, branch.body, elif: step, otherwise: step == nil ? otherwise : Body(steps: []))
    }
    return step ?? DataStep(ConstantText([]))
  }

  private mutating func with(
    _ targets: [(target: Target, value: Expression)], _ block: Block, _ at: Int
  ) throws(JinjaError) -> any Step {
    var made: [(target: Destination, value: any Node)] = []
    for target in targets { made.append((try self.target(target.target), try node(target.value))) }
    return WithStep(made, variables: scopes[block.scope], try body(block.body), at: at)
  }

  private mutating func loop(_ loop: Loop) throws(JinjaError) -> any Step {
    let test: (any Node)? = if let test = loop.test { try node(test) } else { nil }
    let otherwise: Body? = if let block = loop.otherwise { try body(block) } else { nil }
    return LoopStep(
      target: try target(loop.target), items: try node(loop.items), test: test, body: try body(loop.body),
      otherwise: otherwise, loopSlot: loop.loopSlot, recursive: loop.recursive, at: loop.at)
  }

  private mutating func target(_ target: Target) throws(JinjaError) -> Destination {
    switch target {
    case .slot(let slot): return .slot(slot)
    case .namespace(let reference, let name):
      return .namespace(try node(.name(reference)), AttributeName(name))
    case .tuple(let targets):
      var made: [Destination] = []
      for target in targets { made.append(try self.target(target)) }
      return .tuple(made)
    }
  }

  private mutating func code(_ macro: Macro) throws(JinjaError) -> MacroCode {
    var parameters: [MacroCode.Parameter] = []
    for parameter in macro.parameters {
      let fallback: (any Node)? = if let value = parameter.fallback { try node(value) } else { nil }
      parameters.append(.init(name: parameter.name, slot: parameter.slot, fallback: fallback))
    }
    return MacroCode(
      name: macro.name, parameters: parameters, function: macro.function, body: try body(macro.body.body),
      callerSlot: macro.callerSlot, varargsSlot: macro.varargsSlot, kwargsSlot: macro.kwargsSlot)
  }
}

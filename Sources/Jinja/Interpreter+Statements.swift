extension Interpreter {
  /// Runs statements until one leaves the loop around them.
  func run(_ statements: [Statement]) throws(JinjaError) -> Flow {
    try checkStack()
    for statement in statements {
      let flow = try run(statement)
      if flow != .next { return flow }
    }
    return .next
  }

  private func run(_ statement: Statement) throws(JinjaError) -> Flow {
    try step()
    switch statement {
    case .data(let index): try write(literalText(index))
    case .output(let value, let at): try show(value, at)
    case .conditional(let branches, let otherwise): return try branch(branches, otherwise)
    case .loop(let loop): try run(loop)
    case .assign(let target, let value, let at): try assign(target, value, at)
    case .capture(let target, let filter, let block, let at): try capture(target, filter, block, at)
    case .macro(let slot, let macro): define(macro, slot)
    case .callBlock(let callee, let arguments, let macro, let at): try call(callee, arguments, macro, at)
    case .filter(let chain, let block, let at): try filter(chain, block, at)
    case .with(let targets, let block, let at): return try with(targets, block, at)
    case .generation(let block): return try generation(block)
    case .breakLoop: return .breakLoop
    case .continueLoop: return .continueLoop
    }
    return .next
  }

  @inline(never)
  private func show(_ expression: Expression, _ at: Int) throws(JinjaError) {
    let value = try evaluate(expression)
    position = at
    if case .string(let text) = value { return try write(text) }
    try write(try str(value))
  }

  @inline(never)
  private func branch(_ branches: [Branch], _ otherwise: [Statement]) throws(JinjaError) -> Flow {
    for branch in branches where try evaluate(branch.test).isTrue { return try run(branch.body) }
    return try run(otherwise)
  }

  @inline(never)
  private func assign(_ target: Target, _ expression: Expression, _ at: Int) throws(JinjaError) {
    let value = try evaluate(expression)
    position = at
    try assign(target, value)
  }

  func assign(_ target: Target, _ value: Object) throws(JinjaError) {
    switch target {
    case .slot(let slot): frame.slots[slot] = value
    case .namespace(let reference, let name):
      guard case .host(let host) = lookUp(reference), let namespace = host as? Namespace else {
        throw JinjaError(.type, "cannot assign attribute on non-namespace object")
      }
      namespace.set(name, value)
    case .tuple(let targets):
      let items = try iterate(value)
      guard items.count == targets.count else {
        let problem = items.count < targets.count ? "not enough" : "too many"
        throw JinjaError(
          .value, "\(problem) values to unpack (expected \(targets.count), got \(items.count))")
      }
      for (target, item) in zip(targets, items) { try assign(target, item) }
    }
  }

  @inline(never)
  private func capture(
    _ target: Target, _ filter: Expression?, _ block: Block, _ at: Int
  ) throws(JinjaError) {
    enter(block.scope)
    let text = try capture { () throws(JinjaError) in _ = try run(block.body) }
    position = at
    guard let filter else { return try assign(target, .string(text)) }
    try assign(target, try apply(filter, to: text))
  }

  @inline(never)
  private func filter(_ chain: Expression, _ block: Block, _ at: Int) throws(JinjaError) {
    enter(block.scope)
    let text = try capture { () throws(JinjaError) in _ = try run(block.body) }
    position = at
    try write(try str(try apply(chain, to: text)))
  }

  /// Sends text through a chain of filters.
  private func apply(_ chain: Expression, to text: Text) throws(JinjaError) -> Object {
    let outer = filterInput
    filterInput = text
    defer { filterInput = outer }
    return try evaluate(chain)
  }

  @inline(never)
  private func with(
    _ targets: [(target: Target, value: Expression)], _ block: Block, _ at: Int
  ) throws(JinjaError) -> Flow {
    var values: [Object] = []
    for target in targets { values.append(try evaluate(target.value)) }
    position = at
    enter(block.scope)
    for (target, value) in zip(targets, values) { try assign(target.target, value) }
    return try run(block.body)
  }

  @inline(never)
  private func generation(_ block: Block) throws(JinjaError) -> Flow {
    enter(block.scope)
    let start = output.count
    let flow = try run(block.body)
    if captures == 0 { generations.append(start..<output.count) }
    return flow
  }

  private func define(_ macro: Macro, _ slot: Int) {
    hold(frame)
    frame.slots[slot] = .host(MacroObject(macro, frame))
  }

  @inline(never)
  private func call(
    _ callee: Expression, _ list: ArgumentList, _ macro: Macro, _ at: Int
  ) throws(JinjaError) {
    let target = try evaluate(callee)
    var arguments = try evaluate(list)
    hold(frame)
    position = at
    try arguments.add("caller", .host(MacroObject(macro, frame)))
    try write(try str(try call(target, arguments, at)))
  }

  // MARK: Loops

  @inline(never)
  private func run(_ loop: Loop) throws(JinjaError) {
    let value = try evaluate(loop.items)
    position = loop.at
    try run(loop, over: value, depth: 0)
  }

  /// Runs a loop over a value; a recursive one in a frame of its own.
  func run(_ loop: Loop, over value: Object, depth: Int) throws(JinjaError) {
    var items = try iterate(value)
    guard let function = loop.recursive else {
      try filter(&items, of: loop)
      let isComplete = try rounds(of: loop, items, depth, parent: nil)
      if !isComplete, let otherwise = loop.otherwise { try run(otherwise) }
      return
    }
    let outer = frame
    hold(outer)
    frame = Frame(count: program.functions[function], parent: outer)
    defer { frame = outer }
    try filter(&items, of: loop)
    let isComplete = try rounds(of: loop, items, depth, parent: outer)
    frame = outer
    if !isComplete, let otherwise = loop.otherwise { try run(otherwise) }
  }

  private func run(_ block: Block) throws(JinjaError) {
    enter(block.scope)
    _ = try run(block.body)
  }

  /// Keeps the items that pass the loop's `if`.
  private func filter(_ items: inout [Object], of loop: Loop) throws(JinjaError) {
    guard let test = loop.test else { return }
    var kept: [Object] = []
    for item in items {
      try step()
      enter(loop.body.scope)
      try assign(loop.target, item)
      if try evaluate(test).isTrue { kept.append(item) }
    }
    items = kept
  }

  /// Runs the body for each item; gives whether one round came to its end, without which `else` runs, as in jinja2.
  private func rounds(
    of loop: Loop, _ items: [Object], _ depth: Int, parent: Frame?
  ) throws(JinjaError) -> Bool {
    var isComplete = false
    let state = loop.loopSlot.map { _ in LoopObject(loop, items, depth: depth, parent: parent) }
    for (index, item) in items.enumerated() {
      try step()
      enter(loop.body.scope)
      position = loop.at
      try assign(loop.target, item)
      if let state, let slot = loop.loopSlot {
        state.index = index
        frame.slots[slot] = .host(state)
      }
      let flow = try run(loop.body.body)
      if flow == .next { isComplete = true }
      if flow == .breakLoop { break }
    }
    if let slot = loop.loopSlot { frame.slots[slot] = nil }
    return isComplete
  }
}

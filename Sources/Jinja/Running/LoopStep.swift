/// `{% for target in items if test recursive %}…{% else %}…{% endfor %}`.
final class LoopStep: Step {
  private let target: Destination
  private let items: any Node
  private let test: (any Node)?
  private let body: Body
  private let otherwise: Body?
  /// Where the body keeps `loop`; nil if it never mentions it.
  private let loopSlot: Int?
  /// The function that the body is when it may call itself.
  let recursive: Int?
  private let at: Int

  init(
    target: Destination, items: any Node, test: (any Node)?, body: Body, otherwise: Body?, loopSlot: Int?,
    recursive: Int?, at: Int
  ) {
    self.target = target
    self.items = items
    self.test = test
    self.body = body
    self.otherwise = otherwise
    self.loopSlot = loopSlot
    self.recursive = recursive
    self.at = at
  }

  func run(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow {
    let value = try items.evaluate(run)
    run.position = at
    try self.run(run, over: value, depth: 0)
    return .next
  }

  /// Runs the loop over a value; a recursive one in a frame of its own.
  func run(_ run: Interpreter, over value: Object, depth: Int) throws(JinjaError) {
    var items = try run.iterate(value)
    let outer = run.frame
    if let recursive {
      run.hold(outer)
      run.frame = Interpreter.Frame(count: run.program.functions[recursive], parent: outer)
    }
    defer { run.frame = outer }
    try filter(&items, run)
    let isComplete = try rounds(items, depth, parent: recursive == nil ? nil : outer, run)
    run.frame = outer
    if !isComplete, let otherwise { _ = try otherwise.run(run) }
  }

  /// Keeps the items that pass the loop's `if`.
  private func filter(_ items: inout [Object], _ run: Interpreter) throws(JinjaError) {
    guard let test else { return }
    var kept: [Object] = []
    for item in items {
      try run.tick()
      for slot in body.variables { run.variables[slot] = nil }
      try target.assign(item, run)
      if try test.holds(run) { kept.append(item) }
    }
    items = kept
  }

  /// Runs the body for each item; gives whether one round came to its end, without which `else` runs, as in jinja2.
  private func rounds(
    _ items: [Object], _ depth: Int, parent: Interpreter.Frame?, _ run: Interpreter
  ) throws(JinjaError) -> Bool {
    var isComplete = false
    let state = loopSlot.map { _ in LoopObject(self, items, depth: depth, parent: parent) }
    for index in items.indices {
      try run.tick()
      for slot in body.variables { run.variables[slot] = nil }
      run.position = at
      try target.assign(items[index], run)
      if let state, let loopSlot {
        state.index = index
        run.variables[loopSlot] = .host(state)
      }
      let flow = try body.steps(run)
      if flow == .next { isComplete = true }
      if flow == .breakLoop { break }
    }
    if let loopSlot { run.variables[loopSlot] = nil }
    return isComplete
  }
}

import Concurrency
import Glibc

/// One rendering of a program: its variables, its output and what it has used of its limits.
///
/// What is walked are the nodes and steps that `Compiler` made.
final class Interpreter {
  /// The variables of one call of a function.
  final class Frame {
    /// The variables by slot; the compiler gives out slots below the count only.
    let variables: UnsafeMutablePointer<Object?>
    private let count: Int
    let parent: Frame?

    init(count: Int, parent: Frame?) {
      variables = .allocate(capacity: count)
      variables.initialize(repeating: nil, count: count)
      self.count = count
      self.parent = parent
    }

    deinit {
      variables.deinitialize(count: count)
      variables.deallocate()
    }

    /// Forgets all variables, so that no cycle outlives the rendering.
    func clear() { variables.update(repeating: nil, count: count) }
  }

  /// How a run of statements ended.
  enum Flow: Sendable { case next, breakLoop, continueLoop }

  let program: Program
  let limits: Limits
  /// The time that the template sees, in seconds since 1970.
  let now: Int
  let meter = Meter()
  /// The function that runs; `variables` are its own.
  var frame: Frame {
    didSet { variables = frame.variables }
  }
  @exclusivity(unchecked) private(set) var variables: UnsafeMutablePointer<Object?>
  @exclusivity(unchecked) var output = TextBuilder()
  /// How many captures (macros, blocks) stand around the current output.
  var captures = 0
  var generations: [Range<Int>] = []
  /// Where an error that happens now belongs, as a byte offset.
  @exclusivity(unchecked) var position = 0
  var calls = 0
  /// What a `{% filter %}` or `{% set %}` block sends into its filters.
  @exclusivity(unchecked) var filterInput = Text([])

  /// The variables of the context and the engine's own names that were asked for.
  @exclusivity(unchecked) private var globals: [Object?]
  let origins: OriginTable
  /// Frames that macros hold and namespaces: they may form cycles, which end with the rendering.
  private var heldFrames: [Frame] = []
  private var namespaces: [Namespace] = []

  @exclusivity(unchecked) private var work = 0
  /// The most processor time that the rendering may take.
  private let milliseconds: Int
  /// When to look at the processor time, which is slower to read.
  private let deadline: Int
  /// The processor time that ends the rendering; known once the clock was looked at first.
  private var processorDeadline: Int?
  private let stack: StackGuard
  /// What happens where others may have their turn.
  private let boundary = WorkSlices.boundary

  init(_ program: Program, _ context: [String: Value], limits: Limits, now: Int) {
    self.program = program
    self.limits = limits
    self.now = now
    frame = Frame(count: program.functions[0], parent: nil)
    variables = frame.variables
    output.reserve(Self.firstReserve)
    globals = Array(repeating: nil, count: program.globals.count)
    origins = OriginTable(context, names: program.globals, meter)
    milliseconds = limits.milliseconds(for: context)
    deadline = Self.read(CLOCK_MONOTONIC) + milliseconds * 1_000_000
    stack = StackGuard(bytes: limits.stackBytes)
  }

  /// Runs the whole program.
  func run() throws(JinjaError) {
    _ = try program.body.run(self)
    if origins.isTooDeep {
      throw JinjaError(.limit, "the context nests deeper than \(Value.jsonNesting) levels")
    }
  }

  /// Breaks the cycles that macros and namespaces may form.
  func tearDown() {
    for held in heldFrames { held.clear() }
    for namespace in namespaces { namespace.clear() }
    frame.clear()
  }

  func hold(_ frame: Frame) {
    if heldFrames.last !== frame { heldFrames.append(frame) }
  }

  func hold(_ namespace: Namespace) { namespaces.append(namespace) }

  /// The room for output that a rendering starts with, in bytes.
  private static let firstReserve = 8192

  // MARK: Limits

  /// A clock in nanoseconds.
  private static func read(_ clock: clockid_t) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  /// Refuses to go deeper when the stack that a rendering may use is used up.
  @inline(__always)
  func checkStack() throws(JinjaError) {
    if stack.isExceeded {
      throw JinjaError(.limit, "the template calls or nests too deeply")
    }
  }

  /// Counts a statement, an iteration or a call, or any other small piece of work; looks at the clock now and then.
  @inline(__always)
  func tick() throws(JinjaError) {
    work += 1
    if work & 255 == 0 { try checkClock() }
  }

  /// Counts the work of an operation on many items or bytes, by its size.
  func charge(items: Int) throws(JinjaError) {
    let before = work
    work += items >> 4
    if before >> 8 != work >> 8 { try checkClock() }
  }

  func charge(bytes: Int) throws(JinjaError) {
    let before = work
    work += bytes >> 6
    if before >> 8 != work >> 8 { try checkClock() }
  }

  @inline(never)
  private func checkClock() throws(JinjaError) {
    if let boundary, !boundary() {
      throw JinjaError(.limit, "the caller went away before the rendering was done")
    }
    // Only the rendering's own time counts: on a busy machine a thread may stand still for long.
    guard let processorDeadline else {
      self.processorDeadline = Self.read(CLOCK_THREAD_CPUTIME_ID) + milliseconds * 1_000_000
      return
    }
    if Self.read(CLOCK_MONOTONIC) > deadline, Self.read(CLOCK_THREAD_CPUTIME_ID) > processorDeadline {
      throw JinjaError(.limit, "rendering needs more than \(milliseconds) ms of processor time")
    }
  }

  /// Takes a value that an operation made into the books.
  func adopt(_ object: Object) throws(JinjaError) -> Object {
    switch object {
    case .undefined, .none, .bool, .int, .big, .float, .host: return object
    default: break
    }
    try object.adopt(meter, limits)
    try checkMemory()
    return object
  }

  private func checkMemory() throws(JinjaError) {
    if meter.live > limits.liveBytes {
      throw JinjaError(.limit, "more than \(limits.liveBytes >> 20) MiB of values")
    }
  }

  /// Refuses a string that would be too long before it is made.
  func checkLength(_ bytes: Int) throws(JinjaError) {
    if bytes > limits.stringBytes {
      throw JinjaError(.limit, "a string of more than \(limits.stringBytes >> 20) MiB")
    }
  }

  func checkCount(_ items: Int) throws(JinjaError) {
    if items > limits.listItems { throw JinjaError(.limit, "a list of more than \(limits.listItems) items") }
  }

  // MARK: Variables

  /// A variable of the context, or else a function of the engine.
  @inline(__always)
  func global(_ place: Int) -> Object {
    guard let known = globals[place] else { return findGlobal(place) }
    // Two mentions of a missing name are two values, as `is sameas` can tell.
    if case .undefined = known { return undefined(place) }
    return known
  }

  @inline(never)
  private func findGlobal(_ place: Int) -> Object {
    let global = program.globals[place]
    let found: Object
    if let value = origins.root(place) {
      found = value
    } else if let make = global.make {
      found = .host(make())
    } else {
      found = undefined(place)
    }
    globals[place] = found
    return found
  }

  @inline(never)
  private func undefined(_ place: Int) -> Object {
    .undefined(Undefined(.variable(program.globals[place].name)))
  }

  func evaluate(_ nodes: [any Node]) throws(JinjaError) -> [Object] {
    var values: [Object] = []
    values.reserveCapacity(nodes.count)
    for node in nodes { values.append(try node.evaluate(self)) }
    return values
  }

  /// Calls a value.
  func call(_ target: Object, _ arguments: Arguments, _ at: Int) throws(JinjaError) -> Object {
    position = at
    try tick()
    switch target {
    case .host(let host) where host.isCallable: return try adopt(try host.call(self, arguments))
    case .undefined(let missing): throw missing.error
    default: throw JinjaError(.type, "'\(target.typeName)' object is not callable")
    }
  }

  /// Sends text through a chain of filters.
  func apply(_ chain: any Node, to text: Text) throws(JinjaError) -> Object {
    let outer = filterInput
    filterInput = text
    defer { filterInput = outer }
    return try chain.evaluate(self)
  }

  // MARK: Output

  /// Appends to the output and keeps it within its limit.
  func write(_ text: Text) throws(JinjaError) {
    let start = output.count
    output.append(text)
    try countOutput(since: start)
  }

  /// Appends `str(value)` to the output; an error belongs to `at`.
  func print(_ value: Object, at: Int) throws(JinjaError) {
    position = at
    try write(try str(value))
  }

  /// Counts what was appended to the output.
  @inline(__always)
  func countOutput(since start: Int) throws(JinjaError) {
    meter.add(output.count - start)
    if output.count > limits.outputBytes { throw tooMuchOutput }
    try checkMemory()
  }

  private var tooMuchOutput: JinjaError {
    JinjaError(.limit, "more than \(limits.outputBytes >> 20) MiB of output")
  }

  func capture(_ body: Body) throws(JinjaError) -> Text {
    try capture { () throws(JinjaError) in _ = try body.run(self) }
  }

  /// Runs something whose output is wanted as a value.
  func capture(_ body: () throws(JinjaError) -> Void) throws(JinjaError) -> Text {
    let outer = output
    output = TextBuilder()
    captures += 1
    defer {
      meter.release(output.count)
      output = outer
      captures -= 1
    }
    try body()
    let text = output.text()
    text.adopt(meter)
    return text
  }
}

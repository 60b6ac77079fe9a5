import Glibc

/// One rendering of a program: its variables, its output and what it has used of its limits.
///
/// The walk over expressions is in `Interpreter+Expressions.swift`, over statements in `Interpreter+Statements.swift`.
final class Interpreter {
  /// The variables of one call of a function.
  final class Frame {
    var slots: [Object?]
    let parent: Frame?

    init(count: Int, parent: Frame?) {
      slots = Array(repeating: nil, count: count)
      self.parent = parent
    }
  }

  /// How a run of statements ended.
  enum Flow { case next, breakLoop, continueLoop }

  let program: Program
  let limits: Limits
  /// The time that the template sees, in seconds since 1970.
  let now: Int
  let meter = Meter()
  var frame: Frame
  var output = TextBuilder()
  /// How many captures (macros, blocks) stand around the current output.
  var captures = 0
  var generations: [Range<Int>] = []
  /// Where an error that happens now belongs, as a byte offset.
  var position = 0
  var calls = 0
  /// What a `{% filter %}` or `{% set %}` block sends into its filters.
  var filterInput = Text([])

  private var globals: [Object?]
  private var literals: [Object?]
  private(set) var origins: OriginTable
  /// Frames that macros hold and namespaces: they may form cycles, which end with the rendering.
  private var heldFrames: [Frame] = []
  private var namespaces: [Namespace] = []

  private var steps = 0
  private var work = 0
  /// When to look at the processor time, which is slower to read, and the processor time that ends the rendering.
  private let deadline: Int
  private let cpuDeadline: Int
  private let stack: StackGuard

  init(_ program: Program, _ context: [String: Value], limits: Limits, now: Int) throws(JinjaError) {
    self.program = program
    self.limits = limits
    self.now = now
    frame = Frame(count: program.functions[0], parent: nil)
    literals = Array(repeating: nil, count: program.literals.count)
    globals = []
    origins = OriginTable()
    deadline = Self.read(CLOCK_MONOTONIC) + limits.milliseconds * 1_000_000
    cpuDeadline = Self.read(CLOCK_THREAD_CPUTIME_ID) + limits.milliseconds * 1_000_000
    stack = StackGuard(bytes: limits.stackBytes)
    for name in program.globals {
      if let value = context[name] {
        globals.append(try origins.object(value, root: name))
      } else {
        globals.append(Globals.table[name].map { .host($0()) })
      }
    }
  }

  /// Breaks the cycles that macros and namespaces may form.
  func tearDown() {
    for held in heldFrames { held.slots.removeAll() }
    for namespace in namespaces { namespace.clear() }
    frame.slots.removeAll()
  }

  func hold(_ frame: Frame) {
    if heldFrames.last !== frame { heldFrames.append(frame) }
  }

  func hold(_ namespace: Namespace) { namespaces.append(namespace) }

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

  /// Counts statements, iterations and calls.
  @inline(__always)
  func step() throws(JinjaError) {
    steps += 1
    if steps > limits.steps { throw tooManySteps }
    try tick()
  }

  private var tooManySteps: JinjaError { JinjaError(.limit, "more than \(limits.steps) steps") }

  /// Counts any small piece of work; looks at the clock now and then.
  @inline(__always)
  func tick() throws(JinjaError) {
    work += 1
    if work & 255 == 0 { try checkClock() }
  }

  /// Counts the work of an operation on many items or bytes, by its size.
  func charge(items: Int) throws(JinjaError) {
    steps += items >> 4
    if steps > limits.steps { throw tooManySteps }
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
    // Only the rendering's own time counts: on a busy machine a thread may stand still for long.
    if Self.read(CLOCK_MONOTONIC) > deadline, Self.read(CLOCK_THREAD_CPUTIME_ID) > cpuDeadline {
      throw JinjaError(.limit, "rendering took longer than \(limits.milliseconds) ms")
    }
  }

  /// Takes a value that an operation made into the books.
  func adopt(_ object: Object) throws(JinjaError) -> Object {
    switch object {
    case .undefined, .none, .bool, .int, .float, .host: return object
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

  @inline(__always)
  func literal(_ index: Int) -> Object {
    if let known = literals[index] { return known }
    let object: Object
    switch program.literals[index] {
    case .none: object = .none
    case .bool(let value): object = .bool(value)
    case .int(let value): object = .int(value)
    case .float(let value): object = .float(value)
    case .string(let bytes): object = .string(Text(bytes))
    }
    literals[index] = object
    return object
  }

  func literalText(_ index: Int) -> Text {
    if case .string(let text) = literal(index) { return text }
    return Text([])
  }

  func lookUp(_ index: Int) -> Object {
    let reference = program.references[index]
    for place in reference.places {
      var holder = frame
      for _ in 0..<place.hops { holder = holder.parent ?? holder }
      if place.slot < holder.slots.count, let value = holder.slots[place.slot] { return value }
    }
    if let value = globals[reference.global] { return value }
    return .undefined(Undefined("'\(reference.name)' is undefined"))
  }

  /// Forgets what an earlier round left in the variables of a scope.
  func enter(_ scope: Int) {
    for slot in program.scopes[scope] { frame.slots[slot] = nil }
  }

  // MARK: Output

  /// Appends to the output and keeps it within its limit.
  func write(_ text: Text) throws(JinjaError) {
    output.append(text)
    meter.add(text.bytes.count)
    if output.count > limits.outputBytes {
      throw JinjaError(.limit, "more than \(limits.outputBytes >> 20) MiB of output")
    }
    try checkMemory()
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

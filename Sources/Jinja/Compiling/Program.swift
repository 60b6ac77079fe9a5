/// A compiled template: immutable and shared by all renderings.
struct Program: Sendable {
  enum Literal: Sendable {
    case none
    case bool(Bool)
    case int(Int)
    case bigInt(String)
    case float(Double)
    case string([UInt8])
  }

  let source: [UInt8]
  let body: Body
  /// The number of slots of each function; the first is the template itself.
  let functions: [Int]
  /// The names that are looked up in the context, then among the engine's own.
  let globals: [Global]
  /// The names that may be read before the template itself has given them a value.
  let variables: Set<String>

  struct Global: Sendable {
    let name: String
    let make: (@Sendable () -> HostObject)?
  }
}

/// A compiled expression.
///
/// The tree of nodes is made once for a template. Nodes are objects that hold their operands in constants, so that a
/// walk over them counts no references, which an indirect enumeration would do at every step.
protocol Node: AnyObject, Sendable {
  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object
  /// The value if it is a mapping that a variable holds; nil if this must be found out in full.
  func mapping(_ run: Interpreter) -> DictObject?
  /// Whether the value counts as true.
  func holds(_ run: Interpreter) throws(JinjaError) -> Bool
  /// Whether the value is a string that equals a constant.
  func equals(_ wanted: ConstantText, _ run: Interpreter) throws(JinjaError) -> Bool
  /// Appends the value to the output if it is a plain string, else gives it back.
  func append(_ run: Interpreter) throws(JinjaError) -> Object?
  /// Appends `str()` of the value to the output; an error belongs to `at`.
  func write(_ run: Interpreter, at: Int) throws(JinjaError)
}

extension Node {
  func mapping(_ run: Interpreter) -> DictObject? { nil }

  func holds(_ run: Interpreter) throws(JinjaError) -> Bool { try evaluate(run).isTrue }

  func equals(_ wanted: ConstantText, _ run: Interpreter) throws(JinjaError) -> Bool {
    if case .string(let text) = try evaluate(run) { text.equals(wanted) } else { false }
  }

  func append(_ run: Interpreter) throws(JinjaError) -> Object? {
    let value = try evaluate(run)
    guard case .string(let text) = value, !text.isMarkup else { return value }
    run.output.append(text)
    return nil
  }

  func write(_ run: Interpreter, at: Int) throws(JinjaError) {
    let start = run.output.count
    if let value = try append(run) { return try run.print(value, at: at) }
    run.position = at
    try run.countOutput(since: start)
  }
}

/// A node whose value is true or false.
protocol Condition: Node {}

extension Condition {
  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object { .bool(try holds(run)) }
}

/// A compiled statement.
protocol Step: AnyObject, Sendable {
  func run(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow
}

/// Compiled statements in a row.
struct Body: Sendable {
  let steps: [any Step]
  /// The variables of a scope of its own, which are forgotten when it is entered.
  var variables: [Int] = []

  /// Runs the statements until one leaves the loop around them.
  @inline(__always)
  func run(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow {
    for index in variables.indices { run.variables[variables[index]] = nil }
    return try steps(run)
  }

  /// Runs the statements without forgetting variables first.
  @inline(__always)
  func steps(_ run: Interpreter) throws(JinjaError) -> Interpreter.Flow {
    try run.checkStack()
    for index in steps.indices {
      try run.tick()
      let flow = try steps[index].run(run)
      if flow != .next { return flow }
    }
    return .next
  }
}

/// A value that is part of a template.
///
/// Sendable, because nothing in it changes: numbers, truth values, and texts and lists that are made as constants.
struct Constant: @unchecked Sendable {
  let object: Object
}

/// A text that is part of a template; Sendable, because nothing in it changes.
final class ConstantText: @unchecked Sendable {
  let text: Text
  /// The bytes in memory of this object's own, which is written to the output without counting references.
  let bytes: UnsafeBufferPointer<UInt8>
  private let string: String

  init(_ bytes: [UInt8]) {
    text = Text(constant: bytes)
    string = text.string
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    _ = copy.initialize(from: bytes)
    self.bytes = UnsafeBufferPointer(copy)
  }

  deinit { bytes.deallocate() }

  /// Whether a Swift string has the same bytes.
  ///
  /// Swift compares by canonical equivalence. What is equivalent to ASCII has more bytes or is the same.
  @inline(__always)
  func equals(_ other: String) -> Bool {
    guard other.utf8.count == text.size else { return false }
    return text.isASCII ? other == string : other.utf8.elementsEqual(string.utf8)
  }
}

/// The arguments of a call as compiled.
struct ArgumentNodes: Sendable {
  var positional: [any Node] = []
  var named: [(name: String, value: any Node)] = []
  var spread: (any Node)?
  var spreadNamed: (any Node)?
  var isEmpty = true

  @inline(__always)
  func evaluate(_ run: Interpreter) throws(JinjaError) -> Arguments {
    isEmpty ? Arguments() : try all(run)
  }

  private func all(_ run: Interpreter) throws(JinjaError) -> Arguments {
    var arguments = Arguments(positional: try run.evaluate(positional))
    for argument in named { try arguments.add(argument.name, try argument.value.evaluate(run)) }
    if let spread {
      arguments.positional += try run.iterate(try spread.evaluate(run))
      try run.checkCount(arguments.positional.count)
    }
    if let spreadNamed {
      guard case .dict(let dict) = try spreadNamed.evaluate(run) else {
        throw JinjaError(.type, "the argument after ** must be a mapping")
      }
      for (key, value) in zip(dict.keys, dict.values) {
        guard case .string(let name) = key else { throw JinjaError(.type, "keywords must be strings") }
        try arguments.add(name.string, value)
      }
    }
    return arguments
  }
}

/// Where a variable is looked for.
struct Reference: Sendable {
  struct Place: Sendable {
    /// How many functions outwards.
    let hops: Int
    let slot: Int
  }
  let name: String
  let at: Int
  /// The places that may hold it, innermost first.
  let places: [Place]
  /// The index in `Program.globals`.
  let global: Int
}

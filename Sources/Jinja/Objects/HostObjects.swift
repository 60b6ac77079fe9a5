/// Something with behaviour: a macro, `loop`, a namespace, a function.
///
/// A class and no protocol, so that a value is one word and a tag.
class HostObject {
  /// Python's name of its type.
  var typeName: String { "object" }
  /// How deep values nest in it.
  var depth: Int { 1 }
  var isCallable: Bool { true }
  /// The attribute of a name; nil if there is none.
  func attribute(_ name: AttributeName) -> Object? { nil }
  func call(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
    throw JinjaError(.type, "'\(typeName)' object is not callable")
  }
}

/// A function of the engine.
final class Function: HostObject {
  typealias Body = (Interpreter, Arguments) throws(JinjaError) -> Object
  let name: String
  /// How deep values nest in what the body holds.
  private let levels: Int
  private let body: Body

  init(_ name: String, depth: Int = 1, _ body: @escaping Body) {
    self.name = name
    levels = depth
    self.body = body
  }

  override var depth: Int { levels }

  override var typeName: String { "function" }

  override func call(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
    try body(interpreter, arguments)
  }
}

/// A method with the value that it belongs to.
final class BoundMethod: HostObject {
  private let method: Method
  private let receiver: Object
  let name: String

  init(_ method: Method, _ receiver: Object, _ name: String) {
    self.method = method
    self.receiver = receiver
    self.name = name
  }

  override var typeName: String { "builtin_function_or_method" }

  override var depth: Int {
    receiver.depth + 1
  }

  override func call(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
    try method.call(interpreter, receiver, arguments)
  }
}

/// What `namespace()` makes: the one thing that a template can change.
final class Namespace: HostObject {
  private(set) var fields = DictObject()

  init(_ fields: DictObject) {
    self.fields = fields
  }

  override var typeName: String { "Namespace" }
  override var isCallable: Bool { false }

  func set(_ name: Text, _ value: Object) {
    fields.set(name, value)
  }

  override func attribute(_ name: AttributeName) -> Object? { fields.get(name.constant) }

  func contains(_ item: Object) throws(JinjaError) -> Bool {
    throw JinjaError(.type, "argument of type 'Namespace' is not iterable")
  }

  /// Lets go of everything, so that no cycle outlives the rendering.
  func clear() { fields = DictObject() }
}

/// What `cycler()` makes: gives its items in turn.
final class Cycler: HostObject {
  private let items: ListObject
  private var place = 0

  init(_ items: ListObject) {
    self.items = items
  }

  override var typeName: String { "Cycler" }
  override var depth: Int { items.depth }
  override var isCallable: Bool { false }

  override func attribute(_ name: AttributeName) -> Object? {
    switch name.name {
    case "current": items.items[place]
    case "next":
      .host(
        Function("next", depth: depth + 1) { [self] (_, _) throws(JinjaError) in
          defer { place = (place + 1) % items.items.count }
          return items.items[place]
        })
    case "reset":
      .host(
        Function("reset", depth: depth + 1) { [self] (_, _) throws(JinjaError) in
          place = 0
          return .none
        })
    default: nil
    }
  }
}

/// What `joiner()` makes: nothing at first, then its separator.
final class Joiner: HostObject {
  private let separator: Object
  private let levels: Int
  private var isUsed = false

  init(_ separator: Object) {
    self.separator = separator
    levels = separator.depth + 1
  }

  override var depth: Int { levels }

  override var typeName: String { "Joiner" }

  override func call(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
    defer { isUsed = true }
    return isUsed ? separator : .text("")
  }
}

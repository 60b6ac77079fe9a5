/// A function of the engine.
final class Function: HostObject {
  typealias Body = (Interpreter, Arguments) throws(JinjaError) -> Object
  let name: String
  private let body: Body

  init(_ name: String, _ body: @escaping Body) {
    self.name = name
    self.body = body
  }

  var typeName: String { "function" }

  func call(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
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

  var typeName: String { "builtin_function_or_method" }

  var depth: Int {
    switch receiver {
    case .list(let list), .tuple(let list): list.depth
    case .dict(let dict): dict.depth
    default: 1
    }
  }

  func call(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
    try method.call(interpreter, receiver, arguments)
  }
}

/// What `namespace()` makes: the one thing that a template can change.
final class Namespace: HostObject {
  private(set) var fields = DictObject()

  init(_ fields: DictObject) {
    self.fields = fields
  }

  var typeName: String { "Namespace" }
  var isCallable: Bool { false }

  func set(_ name: String, _ value: Object) {
    // Never throws: a string is always a valid key.
    try? fields.set(.text(name), value)
  }

  func attribute(_ name: String) -> Object? { fields.get(Text(name)) }

  func contains(_ item: Object) throws(JinjaError) -> Bool {
    throw JinjaError(.type, "argument of type 'Namespace' is not iterable")
  }

  /// Lets go of everything, so that no cycle outlives the rendering.
  func clear() { fields = DictObject() }

  func call(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
    throw JinjaError(.type, "'Namespace' object is not callable")
  }
}

/// What `cycler()` makes: gives its items in turn.
final class Cycler: HostObject {
  private let items: ListObject
  private var place = 0

  init(_ items: ListObject) {
    self.items = items
  }

  var typeName: String { "Cycler" }
  var depth: Int { items.depth }
  var isCallable: Bool { false }

  func attribute(_ name: String) -> Object? {
    switch name {
    case "current": items.items[place]
    case "next":
      .host(
        Function("next") { [self] (_, _) throws(JinjaError) in
          defer { place = (place + 1) % items.items.count }
          return items.items[place]
        })
    case "reset":
      .host(
        Function("reset") { [self] (_, _) throws(JinjaError) in
          place = 0
          return .none
        })
    default: nil
    }
  }

  func call(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
    throw JinjaError(.type, "'Cycler' object is not callable")
  }
}

/// What `joiner()` makes: nothing at first, then its separator.
final class Joiner: HostObject {
  private let separator: Object
  private var isUsed = false

  init(_ separator: Object) {
    self.separator = separator
  }

  var typeName: String { "Joiner" }

  func call(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
    defer { isUsed = true }
    return isUsed ? separator : .text("")
  }
}

/// A value while a template runs.
enum Object {
  case undefined(Undefined)
  case none
  case bool(Bool)
  case int(Int)
  case big(BigInteger)
  case float(Double)
  case string(Text)
  case list(ListObject)
  case tuple(ListObject)
  case dict(DictObject)
  case iterable(IterableObject)
  case host(HostObject)
}

extension Object {
  /// Counts the memory of a new value, and of the new values in it, against the rendering; gives its depth.
  @discardableResult
  func adopt(_ meter: Meter, _ limits: Limits, _ level: Int = 0) throws(JinjaError) -> Int {
    guard level <= limits.nesting + 4 else {
      throw JinjaError(.limit, "values nested deeper than \(limits.nesting) levels")
    }
    switch self {
    case .undefined, .none, .bool, .int, .big, .float: return 0
    case .string(let text):
      text.adopt(meter)
      return 0
    case .list(let list), .tuple(let list):
      try list.adopt(meter, limits, level)
      return list.depth
    case .dict(let dict):
      try dict.adopt(meter, limits, level)
      return dict.depth
    case .iterable(let iterable):
      try iterable.adopt(meter, limits, level)
      return iterable.depth
    case .host(let host): return host.depth
    }
  }

  /// How deep values nest in this one, once it is adopted.
  var depth: Int {
    switch self {
    case .undefined, .none, .bool, .int, .big, .float, .string: 0
    case .list(let list), .tuple(let list): list.depth
    case .dict(let dict): dict.depth
    case .iterable(let iterable): iterable.depth
    case .host(let host): host.depth
    }
  }

  static func text(_ string: String) -> Object { .string(Text(string)) }

  static func list(_ items: [Object]) -> Object { .list(ListObject(items)) }

  static func tuple(_ items: [Object]) -> Object { .tuple(ListObject(items)) }

  static func generator(_ items: [Object]) -> Object { .iterable(IterableObject(.generator, items)) }

  /// Python's name of the type.
  var typeName: String {
    switch self {
    case .undefined: "Undefined"
    case .none: "NoneType"
    case .bool: "bool"
    case .int, .big: "int"
    case .float: "float"
    case .string(let text): text.isMarkup ? "Markup" : "str"
    case .list: "list"
    case .tuple: "tuple"
    case .dict: "dict"
    case .iterable(let iterable): iterable.kind.rawValue
    case .host(let host): host.typeName
    }
  }

  var isString: Bool { if case .string = self { true } else { false } }

  /// Python's truth of a value.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .int(let value): value != 0
    case .big: true
    case .float(let value): value != 0
    case .string(let text): text.size > 0
    case .list(let list), .tuple(let list): list.count > 0
    case .dict(let dict): dict.count > 0
    case .iterable(let iterable): iterable.isOnce || !iterable.peeked.isEmpty
    case .host: true
    }
  }

  /// The value as a whole number where Python would take it as one: integers and truth values.
  var integer: Int? {
    switch self {
    case .int(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }

  /// The value as a number; infinite for a whole number beyond the largest double.
  var number: Double? {
    switch self {
    case .float(let value): value
    case .big(let value): Double(value.digits)
    default: integer.map(Double.init)
    }
  }
}

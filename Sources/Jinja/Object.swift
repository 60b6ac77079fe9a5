/// A value while a template runs.
enum Object {
  case undefined(Undefined)
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(Text)
  case list(ListObject)
  case tuple(ListObject)
  case dict(DictObject)
  case iterable(IterableObject)
  case host(any HostObject)
}

/// A missing value: what was looked for, told when it is used.
final class Undefined {
  let message: String
  let kind: JinjaError.Kind

  init(_ message: String, kind: JinjaError.Kind = .undefined) {
    self.message = message
    self.kind = kind
  }

  var error: JinjaError { JinjaError(kind, message) }
}

/// The items of a list or tuple.
///
/// Never changes: the sandbox forbids it.
final class ListObject {
  let items: [Object]
  /// Names of the items of a named tuple, such as the groups of `groupby`.
  let fields: [String]
  /// How deep lists and mappings nest in this one; known once adopted.
  fileprivate(set) var depth = 1
  private var meter: Meter?

  init(_ items: [Object], fields: [String] = []) {
    self.items = items
    self.fields = fields
  }

  deinit { meter?.release(cost) }

  private var cost: Int { Meter.objectCost + items.count * MemoryLayout<Object>.stride }

  func adopt(_ meter: Meter, _ limits: Limits, _ level: Int) throws(JinjaError) {
    guard self.meter == nil else { return }
    depth = try adoptItems(items, meter, limits, level)
    self.meter = meter
    meter.add(cost)
  }
}

/// A mapping in order of insertion.
///
/// Never changes once a template can see it.
final class DictObject {
  private(set) var keys: [Object] = []
  private(set) var values: [Object] = []
  /// Places by key, once there are enough keys for hashing to be worth it.
  private var index: [Key: Int] = [:]
  private var isIndexed = false
  fileprivate(set) var depth = 1
  private var meter: Meter?

  /// From this many keys on, look-ups hash.
  private static let indexedFrom = 9

  init(capacity: Int = 0) {
    keys.reserveCapacity(capacity)
    values.reserveCapacity(capacity)
  }

  deinit { meter?.release(cost) }

  private var cost: Int { Meter.objectCost + keys.count * 3 * MemoryLayout<Object>.stride }

  var count: Int { keys.count }

  func adopt(_ meter: Meter, _ limits: Limits, _ level: Int) throws(JinjaError) {
    guard self.meter == nil else { return }
    depth = max(try adoptItems(keys, meter, limits, level), try adoptItems(values, meter, limits, level))
    self.meter = meter
    meter.add(cost)
  }

  /// Adds or replaces; only while the mapping is being made.
  func set(_ key: Object, _ value: Object) throws(JinjaError) {
    let hashable = try Key(key)
    if let place = place(hashable) {
      values[place] = value
      return
    }
    if isIndexed { index[hashable] = keys.count }
    keys.append(key)
    values.append(value)
  }

  /// Adds a key that is known to be new.
  func append(_ key: Text, _ value: Object) {
    if isIndexed { index[.text(key)] = keys.count }
    keys.append(.string(key))
    values.append(value)
  }

  func get(_ key: Object) throws(JinjaError) -> Object? { place(try Key(key)).map { values[$0] } }

  func get(_ key: Text) -> Object? {
    if keys.count < Self.indexedFrom {
      for place in keys.indices {
        if case .string(let text) = keys[place], text == key { return values[place] }
      }
      return nil
    }
    return place(.text(key)).map { values[$0] }
  }

  private func place(_ key: Key) -> Int? {
    if !isIndexed {
      if keys.count < Self.indexedFrom { return keys.firstIndex { Key(known: $0) == key } }
      for place in keys.indices { index[Key(known: keys[place])] = place }
      isIndexed = true
    }
    return index[key]
  }
}

/// Something that can be iterated but is no list: a generator, a view of a mapping, a range.
final class IterableObject {
  enum Kind: String {
    case generator
    case keys = "dict_keys"
    case values = "dict_values"
    case items = "dict_items"
    case range
    case reversed = "list_reverseiterator"
  }

  let kind: Kind
  private var items: [Object]
  /// What `repr` shows of a range.
  let label: String
  fileprivate(set) var depth = 1
  private var meter: Meter?
  private var cost = 0

  init(_ kind: Kind, _ items: [Object], label: String = "") {
    self.kind = kind
    self.items = items
    self.label = label
  }

  deinit { meter?.release(cost) }

  /// Whether iterating uses it up.
  var isOnce: Bool { kind == .generator || kind == .reversed }

  var peeked: [Object] { items }

  /// The items; a generator gives them once.
  func take() -> [Object] {
    guard isOnce else { return items }
    defer { items = [] }
    return items
  }

  /// The next item of a generator.
  func next() -> Object? { items.isEmpty ? nil : items.removeFirst() }

  func adopt(_ meter: Meter, _ limits: Limits, _ level: Int) throws(JinjaError) {
    guard self.meter == nil else { return }
    depth = try adoptItems(items, meter, limits, level)
    cost = Meter.objectCost + items.count * MemoryLayout<Object>.stride
    self.meter = meter
    meter.add(cost)
  }
}

/// Something with behaviour: a macro, `loop`, a namespace, a function.
protocol HostObject: AnyObject {
  /// Python's name of its type.
  var typeName: String { get }
  /// How deep values nest in it.
  var depth: Int { get }
  func attribute(_ name: String) -> Object?
  func call(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object
  var isCallable: Bool { get }
}

extension HostObject {
  var depth: Int { 1 }
  var isCallable: Bool { true }
  func attribute(_ name: String) -> Object? { nil }
}

/// Adopts the children of a container; gives the container's depth.
private func adoptItems(
  _ items: [Object], _ meter: Meter, _ limits: Limits, _ level: Int
) throws(JinjaError) -> Int {
  guard items.count <= limits.listItems else {
    throw JinjaError(.limit, "a list of more than \(limits.listItems) items")
  }
  var deepest = 0
  for item in items { deepest = max(deepest, try item.adopt(meter, limits, level + 1)) }
  guard deepest < limits.nesting else {
    throw JinjaError(.limit, "values nested deeper than \(limits.nesting) levels")
  }
  return deepest + 1
}

extension Object {
  /// Counts the memory of a new value, and of the new values in it, against the rendering; gives its depth.
  @discardableResult
  func adopt(_ meter: Meter, _ limits: Limits, _ level: Int = 0) throws(JinjaError) -> Int {
    guard level <= limits.nesting + 4 else {
      throw JinjaError(.limit, "values nested deeper than \(limits.nesting) levels")
    }
    switch self {
    case .undefined, .none, .bool, .int, .float: return 0
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
    case .int: "int"
    case .float: "float"
    case .string(let text): text.isMarkup ? "Markup" : "str"
    case .list: "list"
    case .tuple: "tuple"
    case .dict: "dict"
    case .iterable(let iterable): iterable.kind.rawValue
    case .host(let host): host.typeName
    }
  }

  /// Python's truth of a value.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .int(let value): value != 0
    case .float(let value): value != 0
    case .string(let text): !text.bytes.isEmpty
    case .list(let list), .tuple(let list): !list.items.isEmpty
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

  /// The value as a number.
  var number: Double? {
    if case .float(let value) = self { value } else { integer.map(Double.init) }
  }
}

/// A value as the key of a mapping; equal numbers of different types are one key.
indirect enum Key: Hashable {
  case none
  case number(Int)
  case float(Double)
  case text(Text)
  case tuple([Key])
  case identity(ObjectIdentifier)
  case undefined

  init(_ object: Object) throws(JinjaError) {
    switch object {
    case .list, .dict: throw JinjaError(.type, "unhashable type: '\(object.typeName)'")
    case .tuple(let list):
      var keys: [Key] = []
      for item in list.items { keys.append(try Key(item)) }
      self = .tuple(keys)
    default: self.init(known: object)
    }
  }

  /// The key of a value that is known to be hashable.
  init(known object: Object) {
    switch object {
    case .none: self = .none
    case .undefined: self = .undefined
    case .bool(let value): self = .number(value ? 1 : 0)
    case .int(let value): self = .number(value)
    case .float(let value): self = Int(exactly: value).map(Key.number) ?? .float(value)
    case .string(let text): self = .text(text)
    case .tuple(let list): self = .tuple(list.items.map(Key.init(known:)))
    case .list(let list): self = .identity(ObjectIdentifier(list))
    case .dict(let dict): self = .identity(ObjectIdentifier(dict))
    case .iterable(let iterable): self = .identity(ObjectIdentifier(iterable))
    case .host(let host): self = .identity(ObjectIdentifier(host))
    }
  }
}

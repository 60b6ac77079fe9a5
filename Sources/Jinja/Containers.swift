/// The items of a list or tuple.
///
/// Never changes: the sandbox forbids it.
final class ListObject {
  @exclusivity(unchecked) private var content: [Object]
  private let input: Input<[Value]>?
  @exclusivity(unchecked) private var isOpen: Bool
  /// Names of the items of a named tuple, such as the groups of `groupby`.
  let fields: [String]
  /// How deep lists and mappings nest in this one; known once adopted.
  fileprivate(set) var depth = 1
  private var meter: Meter?

  init(_ items: [Object], fields: [String] = []) {
    content = items
    self.fields = fields
    input = nil
    isOpen = true
  }

  /// Makes a list of the context, whose items become values when somebody looks at them.
  init(_ input: Input<[Value]>) {
    content = []
    fields = []
    self.input = input
    isOpen = false
  }

  deinit { meter?.release(cost) }

  var items: [Object] {
    if !isOpen, let input {
      content = input.table.open(input)
      isOpen = true
    }
    return content
  }

  var count: Int { input?.values.count ?? content.count }

  private var cost: Int { Meter.objectCost + count * MemoryLayout<Object>.stride }

  func adopt(_ meter: Meter, _ limits: Limits, _ level: Int) throws(JinjaError) {
    guard self.meter == nil else { return }
    if let input {
      depth = Value.list(input.values).depth(upTo: limits.nesting)
    } else {
      depth = try adoptItems(content, meter, limits, level)
    }
    self.meter = meter
    meter.add(cost)
  }
}

/// A mapping in order of insertion.
///
/// Never changes once a template can see it.
final class DictObject {
  /// The entries; of a mapping of the context only once somebody has looked at them.
  @exclusivity(unchecked) private var ownKeys: [Object] = []
  @exclusivity(unchecked) private var ownValues: [Object] = []
  private let input: Input<Value.Fields>?
  @exclusivity(unchecked) private var firstKey: Int32 = 0
  @exclusivity(unchecked) private var hasValues = true
  @exclusivity(unchecked) private var hasKeys = true
  /// Places by key, once there are enough keys for hashing to be worth it.
  private var index: [Key: Int] = [:]
  private var isIndexed = false
  fileprivate(set) var depth = 1
  private var meter: Meter?

  /// From this many keys on, look-ups hash.
  private static let indexedFrom = 9

  init(capacity: Int = 0) {
    input = nil
    ownKeys.reserveCapacity(capacity)
    ownValues.reserveCapacity(capacity)
  }

  /// Makes a mapping of the context, whose entries become values when somebody looks at them.
  init(_ input: Input<Value.Fields>) {
    self.input = input
    hasValues = false
    hasKeys = false
  }

  deinit { meter?.release(cost) }

  private var cost: Int { Meter.objectCost + count * 3 * MemoryLayout<Object>.stride }

  var count: Int { input?.values.entries.count ?? ownKeys.count }

  var values: [Object] {
    if !hasValues { openValues() }
    return ownValues
  }

  var keys: [Object] {
    if !hasKeys { openKeys() }
    return ownKeys
  }

  private func openValues() {
    guard let input else { return }
    (firstKey, ownValues) = input.table.open(input)
    hasValues = true
  }

  private func openKeys() {
    if !hasValues { openValues() }
    guard let input else { return }
    var number = firstKey
    for entry in input.values.entries {
      ownKeys.append(.string(Text(entry.key, whole: number)))
      number &+= 2
    }
    hasKeys = true
  }

  func adopt(_ meter: Meter, _ limits: Limits, _ level: Int) throws(JinjaError) {
    guard self.meter == nil else { return }
    if let input {
      depth = Value.dict(input.values).depth(upTo: limits.nesting)
    } else {
      depth = max(
        try adoptItems(ownKeys, meter, limits, level), try adoptItems(ownValues, meter, limits, level))
    }
    self.meter = meter
    meter.add(cost)
  }

  /// Adds or replaces; only while the mapping is being made.
  func set(_ key: Object, _ value: Object) throws(JinjaError) {
    if case .string(let text) = key {
      set(text, value)
    } else {
      let hashable = try Key(key)
      set(key, value, at: place(hashable), hashable)
    }
  }

  func set(_ key: Text, _ value: Object) {
    set(.string(key), value, at: place(key), .text(key))
  }

  private func set(_ key: Object, _ value: Object, at place: Int?, _ hashable: @autoclosure () -> Key) {
    if let place {
      ownValues[place] = value
      return
    }
    if isIndexed { index[hashable()] = ownKeys.count }
    ownKeys.append(key)
    ownValues.append(value)
  }

  func get(_ key: Object) throws(JinjaError) -> Object? {
    if case .string(let text) = key { return get(text) }
    let hashable = try Key(key)
    return place(hashable).map { values[$0] }
  }

  func get(_ key: Text) -> Object? {
    guard let place = place(key) else { return nil }
    if !hasValues { openValues() }
    return ownValues[place]
  }

  /// The value of a key that is part of the template.
  func get(_ key: ConstantText) -> Object? {
    guard let input else { return get(key.text) }
    guard let place = input.values.place(of: key) else { return nil }
    if !hasValues { openValues() }
    return ownValues[place]
  }

  private func place(_ key: Text) -> Int? {
    if let input { return input.values.place(of: key) }
    guard ownKeys.count < Self.indexedFrom else { return place(.text(key)) }
    for place in ownKeys.indices {
      if case .string(let text) = ownKeys[place], text == key { return place }
    }
    return nil
  }

  private func place(_ key: Key) -> Int? {
    if let input {
      // The context has no other keys than strings.
      guard case .text(let text) = key else { return nil }
      return input.values.place(of: text)
    }
    if !isIndexed {
      if ownKeys.count < Self.indexedFrom { return ownKeys.firstIndex { Key(known: $0) == key } }
      for place in ownKeys.indices { index[Key(known: ownKeys[place])] = place }
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

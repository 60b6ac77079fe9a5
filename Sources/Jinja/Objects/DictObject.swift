/// A mapping in order of insertion.
///
/// Never changes once a template can see it.
final class DictObject {
  /// The entries as values.
  private final class Opened {
    @exclusivity(unchecked) var keys: [Object] = []
    @exclusivity(unchecked) var values: [Object] = []
    @exclusivity(unchecked) var hasKeys = true
    /// Places by key, once there are enough keys for hashing to be worth it.
    var index: [Key: Int]?
  }

  /// The entries; of a mapping of the context only once somebody has looked at them all.
  ///
  /// Most are never opened, so that they had better be small.
  @exclusivity(unchecked) private var opened: Opened?
  /// The entries of a mapping of the context, and where they come from.
  private let fields: Value.Fields
  private let source: Source?
  /// Whether this is a mapping of the context that nests no deeper than one may.
  private let isPlainInput: Bool
  /// The block that numbers the entries in the table of origins; zero until there is one.
  @exclusivity(unchecked) private var block = 0
  private(set) var depth = 1
  private var meter: Meter?

  /// From this many keys on, look-ups hash.
  private static let indexedFrom = 9

  init(capacity: Int = 0) {
    fields = Value.Fields()
    source = nil
    isPlainInput = false
    let own = Opened()
    own.keys.reserveCapacity(capacity)
    own.values.reserveCapacity(capacity)
    opened = own
  }

  /// Makes a mapping of the context, whose entries become values when somebody looks at them.
  init(_ fields: Value.Fields, _ source: Source) {
    self.fields = fields
    self.source = source
    isPlainInput = !source.isBeyond
  }

  deinit { meter?.release(cost) }

  private var cost: Int { Meter.objectCost + count * 3 * MemoryLayout<Object>.stride }

  private var isInput: Bool { source != nil }

  var count: Int { isInput ? fields.entries.count : own.keys.count }

  var values: [Object] { own.values }

  var keys: [Object] {
    let own = own
    if !own.hasKeys { openKeys(own) }
    return own.keys
  }

  /// The entries, opened if need be; of a mapping of the context without the keys.
  private var own: Opened { opened ?? open() }

  @inline(never)
  private func open() -> Opened {
    let own = Opened()
    if let source {
      number()
      own.values = source.table.open(fields, source, block)
      own.hasKeys = false
    }
    opened = own
    return own
  }

  /// Gets numbers for the entries.
  private func number() {
    if block == 0, let source { block = source.table.number(fields, source) }
  }

  @inline(never)
  private func openKeys(_ own: Opened) {
    guard let source else { return }
    for (place, entry) in fields.entries.enumerated() {
      own.keys.append(.string(Text(entry.key, whole: source.table.place(block, 2 * place))))
    }
    own.hasKeys = true
  }

  func adopt(_ meter: Meter, _ limits: Limits, _ level: Int) throws(JinjaError) {
    guard self.meter == nil else { return }
    if isInput {
      depth = Value.dict(fields).depth(upTo: limits.nesting)
    } else {
      depth = max(
        try adoptItems(own.keys, meter, limits, level), try adoptItems(own.values, meter, limits, level))
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
    let own = own
    if let place {
      own.values[place] = value
      return
    }
    if own.index != nil { own.index?[hashable()] = own.keys.count }
    own.keys.append(key)
    own.values.append(value)
  }

  func get(_ key: Object) throws(JinjaError) -> Object? {
    if case .string(let text) = key { return get(text) }
    let hashable = try Key(key)
    return place(hashable).map { values[$0] }
  }

  func get(_ key: Text) -> Object? {
    place(key).map { own.values[$0] }
  }

  /// The value of a key that is part of the template.
  func get(_ key: ConstantText) -> Object? {
    guard isInput else { return get(key.text) }
    guard let place = fields.place(of: key) else { return nil }
    if isPlainInput, opened == nil, let value = single(place) { return value }
    return own.values[place]
  }

  /// A value of the context that is neither list nor mapping: most templates want one or two, so the rest stays closed.
  @inline(__always)
  private func single(_ place: Int) -> Object? {
    switch fields.entries[place].value {
    case .none: return Object.none
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .bigInt(let digits): return Object(digits: digits)
    case .double(let value): return .float(value)
    case .string(let string, let origin):
      guard let source else { return nil }
      number()
      let text = Text(string, whole: source.table.place(block, 2 * place + 1, origin) ?? -1)
      // Each look-up makes another, so that each must count.
      text.adopt(source.table.meter)
      return .string(text)
    case .list, .parts, .dict: return nil
    }
  }

  /// Whether the context has a string under a key that equals a constant; nil if this must be found out in full.
  func equals(_ key: ConstantText, _ wanted: ConstantText) -> Bool? {
    guard isPlainInput, let place = fields.place(of: key),
      case .string(let string, _) = fields.entries[place].value
    else { return nil }
    return wanted.equals(string)
  }

  /// Appends the string that the context has under a key; false if there is none.
  func append(_ key: ConstantText, to output: inout TextBuilder) -> Bool {
    guard isPlainInput, let place = fields.place(of: key),
      case .string(let string, let origin) = fields.entries[place].value
    else { return false }
    number()
    output.append(string, origin: source?.table.place(block, 2 * place + 1, origin))
    return true
  }

  private func place(_ key: Text) -> Int? {
    if isInput { return fields.place(of: key) }
    let keys = own.keys
    guard keys.count < Self.indexedFrom else { return place(.text(key)) }
    for place in keys.indices {
      if case .string(let text) = keys[place], text == key { return place }
    }
    return nil
  }

  private func place(_ key: Key) -> Int? {
    if isInput {
      // The context has no other keys than strings.
      guard case .text(let text) = key else { return nil }
      return fields.place(of: text)
    }
    let own = own
    if own.keys.count < Self.indexedFrom { return own.keys.firstIndex { Key(known: $0) == key } }
    if own.index == nil {
      var places: [Key: Int] = [:]
      for place in own.keys.indices { places[Key(known: own.keys[place])] = place }
      own.index = places
    }
    return own.index?[key]
  }
}

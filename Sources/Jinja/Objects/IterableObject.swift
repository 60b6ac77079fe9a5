/// Something that can be iterated but is not a list: a generator, a view of a mapping, a range.
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
  private(set) var depth = 1
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

/// Turns the context into values, a list or mapping at a time when a template looks into it, and remembers where each
/// string stood.
///
/// Every list and mapping that is opened gets a block of numbers for its items; a number is spelled as a path only when
/// it is asked for.
final class OriginTable {
  private struct Block {
    enum Content {
      case roots([String])
      case list([Value])
      case dict(Value.Fields)
    }
    let first: Int32
    /// The number of the list or mapping itself.
    let parent: Int32
    let content: Content
  }

  private let context: [String: Value]
  private var blocks: [Block]
  private var next: Int32

  /// Numbers the context variables that a template mentions.
  init(_ context: [String: Value], names: [String]) {
    self.context = context
    blocks = [Block(first: 0, parent: -1, content: .roots(names))]
    next = Int32(truncatingIfNeeded: names.count)
  }

  /// The value of a context variable, by the place of its name.
  func root(_ place: Int, _ name: String) throws(JinjaError) -> Object? {
    guard let value = context[name] else { return nil }
    guard !value.nests(deeperThan: Value.jsonNesting - 1) else {
      throw JinjaError(.limit, "the context nests deeper than \(Value.jsonNesting) levels")
    }
    return object(value, at: Int32(truncatingIfNeeded: place))
  }

  /// The items of a list.
  func open(_ values: [Value], at place: Int32) -> [Object] {
    let first = add(.list(values), at: place, count: values.count)
    var items: [Object] = []
    items.reserveCapacity(values.count)
    for index in values.indices {
      items.append(object(values[index], at: first &+ Int32(truncatingIfNeeded: index)))
    }
    return items
  }

  /// The values of a mapping and the number of its first key; a key's number is followed by that of its value.
  func open(_ fields: Value.Fields, at place: Int32) -> (first: Int32, values: [Object]) {
    let entries = fields.entries
    let first = add(.dict(fields), at: place, count: 2 * entries.count)
    var values: [Object] = []
    values.reserveCapacity(entries.count)
    for index in entries.indices {
      values.append(object(entries[index].value, at: first &+ Int32(truncatingIfNeeded: 2 * index + 1)))
    }
    return (first, values)
  }

  private func add(_ content: Block.Content, at place: Int32, count: Int) -> Int32 {
    let first = next
    blocks.append(Block(first: first, parent: place, content: content))
    next = first &+ Int32(truncatingIfNeeded: count)
    return first
  }

  private func object(_ value: Value, at place: Int32) -> Object {
    switch value {
    case .none: .none
    case .bool(let value): .bool(value)
    case .int(let value): .int(value)
    case .double(let value): .float(value)
    case .string(let string, .template?): .string(Text(string, whole: -1))
    case .string(let string, _): .string(Text(string, whole: place))
    case .list(let values): .list(ListObject(input: values, at: place, self))
    case .dict(let fields): .dict(DictObject(input: fields, at: place, self))
    }
  }

  /// The origin of a mark.
  func origin(_ place: Int32) -> Origin {
    guard place >= 0, place < next else { return .template }
    if case .string(_, let origin?)? = value(place) { return origin }
    var path: [UInt8] = []
    path.reserveCapacity(32)
    spell(place, into: &path)
    return .input(String(decoding: path, as: UTF8.self))
  }

  private func block(of place: Int32) -> Block {
    var low = 0
    var high = blocks.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if blocks[middle].first <= place { low = middle } else { high = middle }
    }
    return blocks[low]
  }

  /// The value that has a number; nil for keys.
  private func value(_ place: Int32) -> Value? {
    let block = block(of: place)
    let index = Int(place - block.first)
    switch block.content {
    case .roots(let names): return context[names[index]]
    case .list(let values): return values[index]
    case .dict(let fields): return index % 2 == 1 ? fields.entries[index / 2].value : nil
    }
  }

  /// Appends the path of a place; as deep as the context nests.
  private func spell(_ place: Int32, into path: inout [UInt8]) {
    let block = block(of: place)
    let index = Int(place - block.first)
    if block.parent >= 0 { spell(block.parent, into: &path) }
    switch block.content {
    case .roots(let names): path.append(contentsOf: names[index].utf8)
    case .list:
      path.append(UInt8(ascii: "["))
      path.append(contentsOf: String(index).utf8)
      path.append(UInt8(ascii: "]"))
    case .dict(let fields):
      path.append(UInt8(ascii: "."))
      path.append(contentsOf: fields.entries[index / 2].key.utf8)
    }
  }
}

extension Value {
  /// Whether lists and mappings nest deeper than a number of levels.
  func nests(deeperThan levels: Int) -> Bool {
    switch self {
    case .list(let values):
      levels < 0 || values.contains { $0.nests(deeperThan: levels - 1) }
    case .dict(let fields):
      levels < 0 || fields.entries.contains { $0.value.nests(deeperThan: levels - 1) }
    default: levels < 0
    }
  }

  /// How many levels of lists and mappings there are.
  var depth: Int {
    switch self {
    case .list(let values): 1 + (values.lazy.map(\.depth).max() ?? 0)
    case .dict(let fields): 1 + (fields.entries.lazy.map(\.value.depth).max() ?? 0)
    default: 0
    }
  }
}

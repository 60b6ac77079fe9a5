/// Turns the context into values, a list or mapping at a time when a template looks into it, and remembers where each
/// string stood.
///
/// Every list and mapping that is opened gets a block of numbers for its items; a number is spelled as a path only when
/// it is asked for.
final class OriginTable {
  private struct Block {
    enum Kind { case roots, list, dict }
    let kind: Kind
    let first: Int32
    /// The block of the list or mapping itself and its place there.
    let outer: Int
    let index: Int
    var values: [Value] = []
    var fields = Value.Fields()
  }

  private let context: [String: Value]
  private let names: [Program.Global]
  @exclusivity(unchecked) private var blocks: [Block]
  @exclusivity(unchecked) private var next: Int32
  /// Whether a template looked at something that nests deeper than a context may; such things seem empty.
  private(set) var isTooDeep = false

  /// Numbers the context variables that a template mentions.
  init(_ context: [String: Value], names: [Program.Global]) {
    self.context = context
    self.names = names
    blocks = [Block(kind: .roots, first: 0, outer: 0, index: 0)]
    next = Int32(truncatingIfNeeded: names.count)
  }

  /// The value of a context variable, by the place of its name.
  func root(_ place: Int) -> Object? {
    guard let value = context[names[place].name] else { return nil }
    return object(value, 0, place, level: 0)
  }

  /// The items of a list.
  func open(_ values: [Value], _ source: Source) -> [Object] {
    guard !isBeyond(source) else { return [] }
    let block = Block(kind: .list, first: next, outer: source.block, index: source.index, values: values)
    let number = add(block, count: values.count)
    var items: [Object] = []
    items.reserveCapacity(values.count)
    for index in values.indices {
      items.append(object(values[index], number, index, level: source.level + 1))
    }
    return items
  }

  /// Numbers for the entries of a mapping; a key's number is followed by that of its value.
  func number(_ fields: Value.Fields, _ source: Source) -> Int {
    add(
      Block(kind: .dict, first: next, outer: source.block, index: source.index, fields: fields),
      count: 2 * fields.entries.count)
  }

  /// The number of an item of a block.
  func place(_ block: Int, _ index: Int) -> Int32 { blocks[block].first &+ Int32(truncatingIfNeeded: index) }

  /// The values of a mapping whose entries have numbers.
  func open(_ fields: Value.Fields, _ source: Source, _ block: Int) -> [Object] {
    let entries = fields.entries
    let isBeyond = isBeyond(source)
    var values: [Object] = []
    values.reserveCapacity(entries.count)
    for index in entries.indices {
      values.append(
        isBeyond ? .none : object(entries[index].value, block, 2 * index + 1, level: source.level + 1))
    }
    return values
  }

  private func isBeyond(_ source: Source) -> Bool {
    if source.isBeyond { isTooDeep = true }
    return source.isBeyond
  }

  private func add(_ block: Block, count: Int) -> Int {
    blocks.append(block)
    next = next &+ Int32(truncatingIfNeeded: count)
    return blocks.count - 1
  }

  private func object(_ value: Value, _ block: Int, _ index: Int, level: Int) -> Object {
    switch value {
    case .none: .none
    case .bool(let value): .bool(value)
    case .int(let value): .int(value)
    case .double(let value): .float(value)
    case .string(let string, .template?): .string(Text(string, whole: -1))
    case .string(let string, _): .string(Text(string, whole: place(block, index)))
    case .list(let values):
      .list(ListObject(values, Source(table: self, block: block, index: index, level: level)))
    case .dict(let fields):
      .dict(DictObject(fields, Source(table: self, block: block, index: index, level: level)))
    }
  }

  // MARK: Paths

  /// The path that is being spelled.
  @exclusivity(unchecked) private var path: [UInt8] = []

  /// The origin of a mark.
  func origin(_ place: Int32) -> Origin {
    guard place >= 0, place < next else { return .template }
    let block = block(of: place)
    let index = Int(place - blocks[block].first)
    if let marked = mark(block, index) { return marked }
    path.removeAll(keepingCapacity: true)
    spell(block, index)
    return .input(String(decoding: path, as: UTF8.self))
  }

  private func block(of place: Int32) -> Int {
    var low = 0
    var high = blocks.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if blocks[middle].first <= place { low = middle } else { high = middle }
    }
    return low
  }

  /// The origin that the caller gave a string.
  private func mark(_ block: Int, _ index: Int) -> Origin? {
    switch blocks[block].kind {
    case .roots:
      if case .string(_, let origin)? = context[names[index].name] { return origin }
    case .list:
      if case .string(_, let origin) = blocks[block].values[index] { return origin }
    case .dict:
      if index % 2 == 1, case .string(_, let origin) = blocks[block].fields.entries[index / 2].value {
        return origin
      }
    }
    return nil
  }

  /// Appends the path of a place; as deep as the context nests.
  private func spell(_ block: Int, _ index: Int) {
    if block > 0 { spell(blocks[block].outer, blocks[block].index) }
    switch blocks[block].kind {
    case .roots: path.append(utf8: names[index].name)
    case .list:
      path.append(UInt8(ascii: "["))
      append(decimal: index)
      path.append(UInt8(ascii: "]"))
    case .dict:
      path.append(UInt8(ascii: "."))
      path.append(utf8: blocks[block].fields.entries[index / 2].key)
    }
  }
}

extension OriginTable {
  private func append(decimal number: Int) {
    if number >= 10 { append(decimal: number / 10) }
    path.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
  }
}

/// Where a list or mapping of the context comes from.
struct Source {
  let table: OriginTable
  /// The block that numbers it and its place there.
  let block: Int
  let index: Int
  /// How many lists and mappings are around it.
  let level: Int

  /// Whether it nests deeper than a context may.
  var isBeyond: Bool { level >= Value.jsonNesting }
}

extension Value {
  /// How many levels of lists and mappings there are, counted up to a limit.
  func depth(upTo limit: Int) -> Int {
    guard limit > 0 else { return 0 }
    switch self {
    case .list(let values): return 1 + (values.lazy.map { $0.depth(upTo: limit - 1) }.max() ?? 0)
    case .dict(let fields):
      return 1 + (fields.entries.lazy.map { $0.value.depth(upTo: limit - 1) }.max() ?? 0)
    default: return 0
    }
  }
}

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
  /// The origins that the caller gave, by number.
  private var given: [Int32: Origin] = [:]
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

  /// The number of a string to which the caller may have given an origin; nil if that is the template.
  @inline(__always)
  func place(_ block: Int, _ index: Int, _ origin: Origin?) -> Int32? {
    let place = place(block, index)
    guard let origin else { return place }
    if origin == .template { return nil }
    given[place] = origin
    return place
  }

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
    case .string(let string, let origin): .string(Text(string, whole: self.place(block, index, origin) ?? -1))
    case .list(let values):
      .list(ListObject(values, Source(table: self, block: block, index: index, level: level)))
    case .dict(let fields):
      .dict(DictObject(fields, Source(table: self, block: block, index: index, level: level)))
    }
  }

  // MARK: Paths

  /// The origin of a mark.
  func origin(_ place: Int32) -> Origin {
    guard place >= 0, place < next else { return .template }
    if !given.isEmpty, let origin = given[place] { return origin }
    let block = block(of: place)
    let index = Int(place - blocks[block].first)
    return .input(
      String(unsafeUninitializedCapacity: length(block, index)) { buffer in
        guard let start = buffer.baseAddress else { return 0 }
        return spell(block, index, at: start) - start
      })
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

  /// No index has more decimal digits.
  private static let digits = 20

  /// How long a path may get, in bytes.
  private func length(_ block: Int, _ index: Int) -> Int {
    let outer = block > 0 ? length(blocks[block].outer, blocks[block].index) : 0
    switch blocks[block].kind {
    case .roots: return outer + names[index].name.utf8.count
    case .list: return outer + 2 + Self.digits
    case .dict: return outer + 1 + blocks[block].fields.entries[index / 2].key.utf8.count
    }
  }

  /// Writes the path of a place, for which there is room; gives its end.
  ///
  /// Goes as deep as the context nests.
  private func spell(
    _ block: Int, _ index: Int, at start: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    var end = block > 0 ? spell(blocks[block].outer, blocks[block].index, at: start) : start
    switch blocks[block].kind {
    case .roots: end = Self.copy(names[index].name, to: end)
    case .list:
      end[0] = UInt8(ascii: "[")
      end = Self.spell(decimal: index, at: end + 1)
      end[0] = UInt8(ascii: "]")
      end += 1
    case .dict:
      end[0] = UInt8(ascii: ".")
      end = Self.copy(blocks[block].fields.entries[index / 2].key, to: end + 1)
    }
    return end
  }

  private static func copy(
    _ string: String, to start: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    var string = string
    return string.withUTF8 { bytes in
      if let first = bytes.baseAddress { start.update(from: first, count: bytes.count) }
      return start + bytes.count
    }
  }

  private static func spell(
    decimal number: Int, at start: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    let end = number >= 10 ? spell(decimal: number / 10, at: start) : start
    end[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10)
    return end + 1
  }
}

/// Where a list or mapping of the context comes from.
struct Source {
  /// Not counted: the rendering keeps the table for as long as it looks at values.
  unowned(unsafe) let table: OriginTable
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

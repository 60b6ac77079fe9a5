/// Turns the context into values, a list or mapping at a time when a template looks into it, and remembers where each
/// string stood.
final class OriginTable {
  private let context: [String: Value]
  let meter: Meter
  @exclusivity(unchecked) private(set) var paths: OriginPaths
  /// Whether a template looked at something that nests deeper than a context may; such things seem empty.
  private(set) var isTooDeep = false

  /// Numbers the context variables that a template mentions.
  init(_ context: [String: Value], names: [Program.Global], _ meter: Meter) {
    self.context = context
    self.meter = meter
    paths = OriginPaths(names: names)
  }

  /// The value of a context variable, by the place of its name.
  func root(_ place: Int) -> Object? {
    guard let value = context[paths.names[place].name] else { return nil }
    return object(value, 0, place, level: 0)
  }

  /// The items of a list.
  func open(_ values: [Value], _ source: Source) -> [Object] {
    guard !isBeyond(source) else { return [] }
    let number = paths.add(.list, at: source, count: values.count)
    var items: [Object] = []
    items.reserveCapacity(values.count)
    for index in values.indices {
      items.append(object(values[index], number, index, level: source.level + 1))
    }
    return items
  }

  /// Numbers for the entries of a mapping; a key's number is followed by that of its value.
  func number(_ fields: Value.Fields, _ source: Source) -> Int {
    paths.add(.dict(fields), at: source, count: 2 * fields.entries.count)
  }

  /// The number of an item of a block.
  @inline(__always)
  func place(_ block: Int, _ index: Int) -> Int32 { paths.place(block, index) }

  /// The number of a string to which the caller may have given an origin; nil if that is the template.
  @inline(__always)
  func place(_ block: Int, _ index: Int, _ origin: Origin?) -> Int32? {
    let place = place(block, index)
    guard let origin else { return place }
    if origin == .template { return nil }
    paths.given[place] = origin
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

  private func object(_ value: Value, _ block: Int, _ index: Int, level: Int) -> Object {
    switch value {
    case .none: .none
    case .bool(let value): .bool(value)
    case .int(let value): .int(value)
    case .bigInt(let digits): Object(digits: digits)
    case .double(let value): .float(value)
    case .string(let string, let origin): .string(Text(string, whole: self.place(block, index, origin) ?? -1))
    case .list(let values):
      .list(ListObject(values, Source(table: self, block: block, index: index, level: level)))
    case .parts(let values):
      .list(
        ListObject(
          values, Source(table: self, block: block, index: index, level: level), isContent: true))
    case .dict(let fields):
      .dict(DictObject(fields, Source(table: self, block: block, index: index, level: level)))
    }
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
    case .list(let values), .parts(let values):
      return 1 + (values.lazy.map { $0.depth(upTo: limit - 1) }.max() ?? 0)
    case .dict(let fields):
      return 1 + (fields.entries.lazy.map { $0.value.depth(upTo: limit - 1) }.max() ?? 0)
    default: return 0
    }
  }
}

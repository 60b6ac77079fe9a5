/// The bounds of a Python slice.
struct Slice {
  var start: Int?
  var stop: Int?
  var step: Int?

  /// The offsets that the slice picks from `count` items.
  func offsets(count: Int) throws(JinjaError) -> StrideTo<Int> {
    let step = self.step ?? 1
    guard step != 0 else { throw JinjaError(.value, "slice step cannot be zero") }
    // Larger steps all pick one item at most; clamping keeps the stride from overflowing.
    let stride = min(max(step, -count - 1), count + 1)
    func clamp(_ bound: Int?, _ fallback: Int, _ low: Int, _ high: Int) -> Int {
      guard let bound else { return fallback }
      return min(max(bound < 0 ? bound + count : bound, low), high)
    }
    if step > 0 {
      return Swift.stride(from: clamp(start, 0, 0, count), to: clamp(stop, count, 0, count), by: stride)
    }
    return Swift.stride(
      from: clamp(start, count - 1, -1, count - 1), to: clamp(stop, -1, -1, count - 1), by: stride)
  }
}

extension Interpreter {
  /// `value.name`: Python's attributes first, then the key of a mapping.
  func attribute(of value: Object, _ name: AttributeName) throws(JinjaError) -> Object {
    if case .undefined(let missing) = value,
      missing.kind == .security || !Sandbox.refuses(name.name, on: value)
    {
      throw missing.error
    }
    if let found = builtIn(of: value, name) { return found }
    if case .dict(let dict) = value, let found = dict.get(literalText(name.literal)) { return found }
    return missing(name.name, of: value)
  }

  /// `value.name` for a name that is computed.
  func attribute(of value: Object, _ name: Text) throws(JinjaError) -> Object {
    let string = name.string
    if case .undefined(let missing) = value, missing.kind == .security || !Sandbox.refuses(string, on: value)
    {
      throw missing.error
    }
    let known = AttributeName(
      name: string, literal: 0, stringMethod: StringMethod(rawValue: string),
      dictMethod: DictMethod(rawValue: string))
    if let found = builtIn(of: value, known) { return found }
    if case .dict(let dict) = value, let found = dict.get(name) { return found }
    return missing(string, of: value)
  }

  /// Python's own attributes of a value: methods and the fields of host objects.
  func builtIn(of value: Object, _ name: AttributeName) -> Object? {
    if let method = Method(name, of: value) { return .host(BoundMethod(method, value, name.name)) }
    switch value {
    case .host(let host):
      if let found = host.attribute(name.name) { return found }
    case .tuple(let tuple):
      if let place = tuple.fields.firstIndex(of: name.name) { return tuple.items[place] }
    default: break
    }
    guard Sandbox.refuses(name.name, on: value) else { return nil }
    let message = "access to attribute '\(name.name)' of '\(value.typeName)' object is unsafe."
    return .undefined(Undefined(message, kind: .security))
  }

  private func missing(_ name: String, of value: Object) -> Object {
    let type = if case .none = value { "None" } else { "\(value.typeName) object" }
    return .undefined(Undefined("'\(type)' has no attribute '\(name)'"))
  }

  /// `value[key]`: items first, then attributes.
  func item(of value: Object, _ key: Object) throws(JinjaError) -> Object {
    switch (value, key) {
    case (.undefined(let missing), _): throw missing.error
    case (.dict(let dict), .string(let name)):
      if let found = dict.get(name) { return found }
    case (.dict(let dict), .list), (.dict(let dict), .dict):
      return noElement(key, of: .dict(dict))
    case (.dict(let dict), _):
      if let found = try dict.get(key) { return found }
    case (.list(let list), _), (.tuple(let list), _):
      if let index = key.integer, let place = place(index, list.items.count) { return list.items[place] }
    case (.iterable(let iterable), _) where iterable.kind == .range:
      let items = iterable.peeked
      if let index = key.integer, let place = place(index, items.count) { return items[place] }
    case (.string(let text), _):
      if let index = key.integer, let place = place(index, text.count) {
        if !text.isASCII { try charge(bytes: text.bytes.count) }
        let start = text.byteOffset(ofScalar: place)
        return try adopt(
          .string(text.slice(start..<min(start + UTF8Bytes.width(text.bytes[start]), text.bytes.count))))
      }
    default: break
    }
    if case .string(let name) = key { return try attributeAfterItem(of: value, name) }
    return noElement(key, of: value)
  }

  private func attributeAfterItem(of value: Object, _ name: Text) throws(JinjaError) -> Object {
    let string = name.string
    let known = AttributeName(
      name: string, literal: 0, stringMethod: StringMethod(rawValue: string),
      dictMethod: DictMethod(rawValue: string))
    return builtIn(of: value, known) ?? missing(string, of: value)
  }

  private func place(_ index: Int, _ count: Int) -> Int? {
    let place = index < 0 ? index + count : index
    return place >= 0 && place < count ? place : nil
  }

  private func noElement(_ key: Object, of value: Object) -> Object {
    let type = if case .none = value { "None" } else { "\(value.typeName) object" }
    let shown =
      switch key {
      case .int(let index): "\(index)"
      default: key.typeName
      }
    return .undefined(Undefined("\(type) has no element \(shown)"))
  }

  /// `value[start:stop:step]`.
  func slice(_ value: Object, _ slice: Slice) throws(JinjaError) -> Object {
    switch value {
    case .undefined(let missing): throw missing.error
    case .list(let list): return .list(try pick(list.items, slice))
    case .tuple(let list): return .tuple(try pick(list.items, slice))
    case .iterable(let iterable) where iterable.kind == .range:
      return .iterable(IterableObject(.range, try pick(iterable.peeked, slice), label: "range(…)"))
    case .string(let text): return .string(try pick(text, slice))
    default:
      let type = if case .none = value { "None" } else { "\(value.typeName) object" }
      return .undefined(Undefined("\(type) has no element slice"))
    }
  }

  private func pick(_ items: [Object], _ slice: Slice) throws(JinjaError) -> [Object] {
    try charge(items: items.count)
    return try slice.offsets(count: items.count).map { items[$0] }
  }

  private func pick(_ text: Text, _ slice: Slice) throws(JinjaError) -> Text {
    try charge(bytes: text.bytes.count)
    let count = text.count
    let offsets = try slice.offsets(count: count)
    if slice.step ?? 1 == 1 {
      var range = offsets.makeIterator()
      guard let first = range.next() else { return Text([], isMarkup: text.isMarkup) }
      let length = offsets.underestimatedCount
      let start = text.byteOffset(ofScalar: first)
      return text.slice(start..<text.byteOffset(ofScalar: first + length))
    }
    var starts: [Int] = []
    starts.reserveCapacity(count)
    var at = 0
    while at < text.bytes.count {
      starts.append(at)
      at += UTF8Bytes.width(text.bytes[at])
    }
    var builder = TextBuilder()
    for offset in offsets {
      let start = starts[offset]
      builder.append(text, start..<min(start + UTF8Bytes.width(text.bytes[start]), text.bytes.count))
    }
    return builder.text(isMarkup: text.isMarkup)
  }
}

/// What jinja2's immutable sandbox refuses to hand out.
enum Sandbox {
  private static let listMutators: Set<String> = [
    "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort",
  ]
  private static let dictMutators: Set<String> = ["clear", "pop", "popitem", "setdefault", "update"]
  private static let formatters: Set<String> = ["encode", "maketrans", "translate"]

  /// Whether an attribute exists in Python but must not be reached.
  static func refuses(_ name: String, on value: Object) -> Bool {
    if name.hasPrefix("__"), name.hasSuffix("__"), name.utf8.count > 4 {
      if case .dict(let dict) = value { return dict.get(Text(name)) == nil }
      return true
    }
    switch value {
    case .list: return listMutators.contains(name)
    case .dict: return dictMutators.contains(name)
    case .string: return formatters.contains(name)
    default: return false
    }
  }
}

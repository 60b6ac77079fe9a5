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
    if case .undefined(let missing) = value, missing.kind == .security || !name.isRefused(on: value) {
      throw missing.error
    }
    if let found = builtIn(of: value, name) { return found }
    if case .dict(let dict) = value, let found = dict.get(name.constant) { return found }
    return .undefined(Undefined(.attribute(name.name, of: value.typeName)))
  }

  /// Python's own attributes of a value: methods and the fields of host objects.
  func builtIn(of value: Object, _ name: AttributeName) -> Object? {
    if let method = Method(name, of: value) { return .host(BoundMethod(method, value, name.name)) }
    switch value {
    case .host(let host):
      if let found = host.attribute(name) { return found }
    case .tuple(let tuple):
      if let place = tuple.fields.firstIndex(of: name.name) { return tuple.items[place] }
    default: break
    }
    guard name.isRefused(on: value) else { return nil }
    let message = "access to attribute '\(name.name)' of '\(value.typeName)' object is unsafe."
    return .undefined(Undefined(message, kind: .security))
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
    if case .string(let name) = key { return try item(of: value, named: AttributeName(name)) }
    return noElement(key, of: value)
  }

  /// `value['name']` for a name that is known beforehand.
  func item(of value: Object, named name: AttributeName) throws(JinjaError) -> Object {
    switch value {
    case .undefined(let missing): throw missing.error
    case .dict(let dict):
      if let found = dict.get(name.constant) { return found }
    default: break
    }
    return builtIn(of: value, name) ?? .undefined(Undefined(.attribute(name.name, of: value.typeName)))
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
    // jinja2 leaves slices to Python, which raises where an index would only give nothing.
    case .dict: throw JinjaError(.type, "unhashable type: 'slice'")
    default: throw JinjaError(.type, "'\(value.typeName)' object is not subscriptable")
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
      try tick()
      let start = starts[offset]
      builder.append(text, start..<min(start + UTF8Bytes.width(text.bytes[start]), text.bytes.count))
    }
    return builder.text(isMarkup: text.isMarkup)
  }
}

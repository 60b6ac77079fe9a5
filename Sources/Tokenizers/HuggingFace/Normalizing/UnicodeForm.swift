/// One of the four normal forms of Unicode Standard Annex 15.
struct UnicodeForm: Sendable, Equatable {
  /// Whether compatibility mappings apply, as in NFKC and NFKD.
  var isCompatible: Bool
  /// Whether the result is composed, as in NFC and NFKC.
  var composes: Bool

  private struct Item {
    var scalar: UInt32
    var place: Int
    var order: UInt8
  }

  /// The form of `text`.
  func apply(_ text: AlignedText) -> AlignedText {
    guard text.bytes.contains(where: { $0 >= 0x80 }) else { return text }
    var items = decomposed(text)
    Self.sort(&items)
    if composes { items = Self.composed(items) }
    var result = AlignedText(replacing: text)
    var place = 0
    for item in items {
      place = max(place, item.place)
      if item.order == 255 {
        result.append(UInt8(truncatingIfNeeded: item.scalar), at: place)
      } else {
        result.append(scalar: item.scalar, at: place)
      }
    }
    return result
  }

  /// The decomposed scalars of `text`; an ill-formed byte has the order 255 and is left unchanged.
  private func decomposed(_ text: AlignedText) -> [Item] {
    let table = Decompositions.shared
    var items: [Item] = []
    items.reserveCapacity(text.count)
    text.forEachScalar { scalar, length, index in
      let place = text.source(index)
      if length == 1, scalar >= 0x80 {
        items.append(Item(scalar: UInt32(text.bytes[index]), place: place, order: 255))
        return
      }
      table.decompose(scalar, isCompatible: isCompatible) { part in
        items.append(Item(scalar: part, place: place, order: Decompositions.combiningClass(part)))
      }
    }
    return items
  }

  /// Orders every run of combining marks by their classes.
  private static func sort(_ items: inout [Item]) {
    var start = 0
    while start < items.count {
      guard items[start].order != 0, items[start].order != 255 else {
        start += 1
        continue
      }
      var end = start + 1
      while end < items.count, items[end].order != 0, items[end].order != 255 { end += 1 }
      if end - start > 1 {
        let order = (start..<end).sorted { (items[$0].order, $0) < (items[$1].order, $1) }
        items.replaceSubrange(start..<end, with: order.map { items[$0] })
      }
      start = end
    }
  }

  private static func composed(_ items: [Item]) -> [Item] {
    let table = Decompositions.shared
    var result: [Item] = []
    result.reserveCapacity(items.count)
    var starter = -1
    /// The class of the mark between the starter and the next scalar; -1 for none.
    var between = -1
    for item in items {
      if starter >= 0, between < Int(item.order), item.order != 255,
        let whole = table.compose(result[starter].scalar, item.scalar)
      {
        result[starter].scalar = whole
        continue
      }
      if item.order == 0 {
        starter = result.count
        between = -1
      } else if item.order == 255 {
        starter = -1
      } else {
        between = Int(item.order)
      }
      result.append(item)
    }
    return result
  }
}

extension AlignedText {
  /// Calls `body` with each scalar, its length in bytes and the index of its first byte.
  @inline(__always)
  func forEachScalar(_ body: (UInt32, Int, Int) -> Void) {
    bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      var position = 0
      while position < buffer.count {
        let (scalar, length) = UTF8Scalar.decode(base, at: position, to: buffer.count)
        body(scalar, length, position)
        position += length
      }
    }
  }

  /// The text with each scalar replaced by what `body` adds for it, or kept if `body` gives true.
  @inline(__always)
  func mapped(_ body: (UInt32, Int, inout AlignedText) -> Bool) -> AlignedText {
    var result = AlignedText(replacing: self)
    forEachScalar { scalar, length, index in
      if body(scalar, source(index), &result) { result.append(index..<(index + length), of: self) }
    }
    return result
  }
}

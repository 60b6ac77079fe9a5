/// Where the strings of a context stood, by number, as paths such as `messages[0].content`.
///
/// Every list and mapping that a template opens gets a block of numbers for its items; a number is spelled as a path
/// only when it is asked for.
struct OriginPaths: Sendable {
  private struct Block {
    let kind: Kind
    let first: Int32
    /// The block of the list or mapping itself and its place there.
    let outer: Int
    let index: Int
  }

  /// What a block numbers.
  enum Kind {
    case roots
    case list
    /// A mapping: a key's number is followed by that of its value.
    case dict(Value.Fields)
  }

  /// The context variables that the template mentions.
  let names: [Program.Global]
  /// The origins that the caller gave, by number.
  var given: [Int32: Origin] = [:]
  private var blocks: [Block]
  private var next: Int32

  init(names: [Program.Global]) {
    self.names = names
    blocks = [Block(kind: .roots, first: 0, outer: 0, index: 0)]
    next = Int32(truncatingIfNeeded: names.count)
  }

  /// Gives numbers to the items of a list or mapping; the result is the block's own.
  mutating func add(_ kind: Kind, at source: Source, count: Int) -> Int {
    blocks.append(Block(kind: kind, first: next, outer: source.block, index: source.index))
    next = next &+ Int32(truncatingIfNeeded: count)
    return blocks.count - 1
  }

  /// The number of an item of a block.
  @inline(__always)
  func place(_ block: Int, _ index: Int) -> Int32 { blocks[block].first &+ Int32(truncatingIfNeeded: index) }

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
    case .dict(let fields): return outer + 1 + fields.entries[index / 2].key.utf8.count
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
    case .dict(let fields):
      end[0] = UInt8(ascii: ".")
      end = Self.copy(fields.entries[index / 2].key, to: end + 1)
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

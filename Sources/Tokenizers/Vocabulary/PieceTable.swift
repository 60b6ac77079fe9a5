/// A hash table from byte strings to numbers.
struct PieceTable: Sendable {
  private var keys = PieceList()
  private var values: [Int32] = []
  /// Places in `keys`, or -1; at most half of the slots are taken.
  private var slots: [Int32]
  private let hash = KeyedHash.shared

  /// The number of strings.
  var count: Int { values.count }

  /// An empty table with room for about `capacity` strings.
  init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
  }

  /// Adds `piece` with `value`; if the table has it already, gives its value and changes nothing.
  mutating func insert(_ piece: [UInt8], _ value: Int) -> Int? {
    if (values.count + 1) * 2 > slots.count { grow() }
    return piece.withUnsafeBufferPointer { buffer -> Int? in
      let slot = slot(of: buffer)
      guard slots[slot] < 0 else { return Int(values[Int(slots[slot])]) }
      slots[slot] = Int32(values.count)
      keys.append(buffer)
      values.append(Int32(value))
      return nil
    }
  }

  /// The value of `piece`.
  func find(_ piece: [UInt8]) -> Int? {
    piece.withUnsafeBufferPointer { find($0) }
  }

  /// The value of the bytes of `piece`.
  @inline(__always)
  func find(_ piece: UnsafeBufferPointer<UInt8>) -> Int? {
    let place = slots[slot(of: piece)]
    return place < 0 ? nil : Int(values[Int(place)])
  }

  /// The slot of `piece`, or the free slot where it would go.
  @inline(__always)
  private func slot(of piece: UnsafeBufferPointer<UInt8>) -> Int {
    let mask = slots.count - 1
    guard let base = piece.baseAddress else { return emptySlot(mask) }
    var slot = hash(base, piece.count) & mask
    while slots[slot] >= 0, !isKey(Int(slots[slot]), base, piece.count) { slot = (slot + 1) & mask }
    return slot
  }

  private func emptySlot(_ mask: Int) -> Int {
    var slot = 0
    while slots[slot] >= 0, !keys.range(Int(slots[slot])).isEmpty { slot = (slot + 1) & mask }
    return slot
  }

  @inline(__always)
  private func isKey(_ place: Int, _ base: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let range = keys.range(place)
    guard range.count == count else { return false }
    return keys.bytes.withUnsafeBufferPointer { all in
      for index in 0..<count where all[range.lowerBound + index] != base[index] { return false }
      return true
    }
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    for place in values.indices {
      let range = keys.range(place)
      let slot = keys.bytes.withUnsafeBufferPointer {
        self.slot(of: UnsafeBufferPointer(rebasing: $0[range]))
      }
      slots[slot] = Int32(place)
    }
  }
}

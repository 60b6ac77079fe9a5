/// The symbols of one piece of text while they merge; reused from piece to piece of one `encode`.
final class SymbolBuffer {
  /// The symbols; `count` of them are in use.
  private(set) var ids: UnsafeMutablePointer<UInt32>
  /// Where each symbol ends in the text; it begins where the one before ends.
  private(set) var ends: UnsafeMutablePointer<Int>
  /// What each symbol and the next would merge to, for `BytePairMerger`.
  private(set) var pairs: UnsafeMutablePointer<UInt64>
  /// The number of symbols.
  var count = 0
  /// Counts the work on the text.
  let meter: WorkMeter
  private var capacity = 64

  /// An empty buffer for a text whose work `meter` counts.
  init(_ meter: WorkMeter = WorkMeter()) {
    self.meter = meter
    ids = .allocate(capacity: capacity)
    ends = .allocate(capacity: capacity)
    pairs = .allocate(capacity: capacity)
  }

  deinit {
    ids.deallocate()
    ends.deallocate()
    pairs.deallocate()
  }

  /// Adds a symbol that ends at `end`.
  @inline(__always)
  func append(_ id: UInt32, end: Int) {
    if count == capacity { grow() }
    ids[count] = id
    ends[count] = end
    count += 1
  }

  private func grow() {
    let larger = capacity * 2
    let newIDs = UnsafeMutablePointer<UInt32>.allocate(capacity: larger)
    let newEnds = UnsafeMutablePointer<Int>.allocate(capacity: larger)
    newIDs.moveInitialize(from: ids, count: count)
    newEnds.moveInitialize(from: ends, count: count)
    ids.deallocate()
    ends.deallocate()
    pairs.deallocate()
    ids = newIDs
    ends = newEnds
    pairs = .allocate(capacity: larger)
    capacity = larger
  }
}

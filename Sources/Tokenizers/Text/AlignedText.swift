import Concurrency

/// A text during normalization: its bytes, and the place in the source of each.
///
/// Places never decrease: a replacement of several source bytes has the place of the first, and an insertion that of what
/// follows, so that ranges of tokens stay in order and cover the source.
struct AlignedText: Sendable {
  /// The bytes as they are now.
  private(set) var bytes: [UInt8] = []
  /// The source offset of each byte; empty if the bytes are those of the source from `base` on.
  private var places: [UInt32] = []
  /// The source offset of the first byte.
  private let base: Int
  /// The source offset behind the last byte.
  private let end: Int
  /// The most bytes that it may have.
  private let room: Int
  /// At how many bytes others may have their turn, or the room ends.
  private var mark: Int
  /// Why bytes were left out, if some were.
  private var failure: TokenizerError?

  /// The bytes `range` of `source` as they are.
  init(_ source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    self.init(base: range.lowerBound, end: range.upperBound)
    bytes = Array(source[range])
  }

  /// An empty text in place of `other`, with room for about as much.
  init(replacing other: AlignedText) {
    self.init(base: other.base, end: other.end, room: other.room)
    failure = other.failure
    reserve(other.count + 16)
  }

  /// An empty text in place of the bytes from `base` to `end` of the source.
  init(base: Int, end: Int) {
    // Cannot overflow, since a text has at most `Limits.textBytes`.
    let room = (end - base) * Limits.normalizedGrowth + Limits.normalizedRoom
    self.init(base: base, end: end, room: min(room, Limits.normalizedBytes))
  }

  private init(base: Int, end: Int, room: Int) {
    self.base = base
    self.end = end
    self.room = room
    mark = min(room, Limits.sliceBytes)
  }

  /// Throws when the text grew beyond its limit, or nobody wants it any more.
  func requireWhole() throws(TokenizerError) {
    if let failure { throw failure }
  }

  /// Lets others have their turn; false when no more bytes are taken.
  @inline(never)
  private mutating func passMark() -> Bool {
    if failure == nil {
      if bytes.count >= room {
        failure = .limit(name: "normalizedBytes", found: room + 1, maximum: room)
      } else if let boundary = WorkSlices.boundary, !boundary() {
        failure = .stopped
      }
    }
    guard failure == nil else { return false }
    mark = min(room, mark + Limits.sliceBytes)
    return true
  }

  /// Makes room for `count` bytes.
  mutating func reserve(_ count: Int) {
    bytes.reserveCapacity(count)
    places.reserveCapacity(count)
  }

  /// The number of bytes.
  var count: Int { bytes.count }

  /// The source offset of byte `index`, or of the end if there is no such byte.
  @inline(__always)
  func source(_ index: Int) -> Int {
    if index >= bytes.count { return end }
    return places.isEmpty ? base + index : Int(places[index])
  }

  /// The source range of the bytes `range`.
  @inline(__always)
  func source(_ range: Range<Int>) -> Range<Int> {
    let start = source(range.lowerBound)
    return start..<max(start, source(range.upperBound))
  }

  /// Adds a byte with the source offset `place`; only for a text made by `init(replacing:)`.
  @inline(__always)
  mutating func append(_ byte: UInt8, at place: Int) {
    guard bytes.count < mark || passMark() else { return }
    bytes.append(byte)
    places.append(UInt32(truncatingIfNeeded: place))
  }

  /// Adds bytes with the source offset `place`.
  mutating func append(_ new: some Collection<UInt8>, at place: Int) {
    guard failure == nil else { return }
    for byte in new { append(byte, at: place) }
  }

  /// Adds a scalar as UTF-8.
  @inline(__always)
  mutating func append(scalar: UInt32, at place: Int) {
    UTF8Scalar.encode(scalar) { append($0, at: place) }
  }

  /// Adds the bytes `range` of `other` with their source offsets.
  @inline(__always)
  mutating func append(_ range: Range<Int>, of other: AlignedText) {
    for index in range { append(other.bytes[index], at: other.source(index)) }
  }

  /// The bytes `range` as a separate text.
  func part(_ range: Range<Int>) -> AlignedText {
    var result = AlignedText(base: source(range.lowerBound), end: source(range.upperBound), room: room)
    result.append(range, of: self)
    return result
  }

  /// Removes bytes from the end until `count` are left.
  mutating func truncate(to count: Int) {
    bytes.removeSubrange(min(count, bytes.count)...)
    if !places.isEmpty { places.removeSubrange(min(count, places.count)...) }
  }
}

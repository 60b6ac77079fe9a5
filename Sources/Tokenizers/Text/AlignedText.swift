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

  /// The bytes `range` of `source` as they are.
  init(_ source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    bytes = Array(source[range])
    base = range.lowerBound
    end = range.upperBound
  }

  /// An empty text in place of `other`, with room for about as much.
  init(replacing other: AlignedText) {
    base = other.base
    end = other.end
    bytes.reserveCapacity(other.count + 16)
    places.reserveCapacity(other.count + 16)
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
    bytes.append(byte)
    places.append(UInt32(truncatingIfNeeded: place))
  }

  /// Adds bytes with the source offset `place`, within `Limits.normalizedBytes`.
  mutating func append(_ new: some Sequence<UInt8>, at place: Int) throws(TokenizerError) {
    for byte in new { append(byte, at: place) }
    guard bytes.count <= Limits.normalizedBytes else {
      throw .limit(name: "normalizedBytes", found: bytes.count, maximum: Limits.normalizedBytes)
    }
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
    var result = AlignedText(base: source(range.lowerBound), end: source(range.upperBound))
    result.append(range, of: self)
    return result
  }

  private init(base: Int, end: Int) {
    self.base = base
    self.end = end
  }

  /// Removes bytes from the end until `count` are left.
  mutating func truncate(to count: Int) {
    bytes.removeSubrange(min(count, bytes.count)...)
    if !places.isEmpty { places.removeSubrange(min(count, places.count)...) }
  }
}

import Glibc

/// Facts about UTF-8 that need no decoding.
enum UTF8Bytes {
  static func width(_ lead: UInt8) -> Int {
    lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
  }

  static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

  static func scalarCount(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.withUnsafeBufferPointer(scalarCount)
  }

  static func scalarCount(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var continuations = 0
    for byte in bytes { continuations &+= byte & 0xC0 == 0x80 ? 1 : 0 }
    return bytes.count - continuations
  }

  @inline(__always)
  static func areEqual(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    guard let first = left.baseAddress, let second = right.baseAddress else { return true }
    return memcmp(first, second, left.count) == 0
  }

  /// Needles up to this many bytes are compared at every occurrence of their first byte.
  private static let shortNeedle = 32

  /// The first place of a needle at or after an offset; linear time.
  static func find(_ needle: [UInt8], in hay: [UInt8], from start: Int, to end: Int) -> Int? {
    guard start <= end, needle.count <= end - start else { return nil }
    if needle.count > shortNeedle { return findLong(needle, in: hay, from: start, to: end) }
    return hay.withUnsafeBufferPointer { hay in
      needle.withUnsafeBufferPointer { findShort($0, in: hay, from: start, to: end) }
    }
  }

  /// Whether one text occurs in another.
  static func contains(_ needle: Text, in hay: Text) -> Bool {
    if needle.size > shortNeedle {
      return find(needle.bytes, in: hay.bytes, from: 0, to: hay.size) != nil
    }
    return hay.withBytes { hay in
      needle.withBytes { findShort($0, in: hay, from: 0, to: hay.count) != nil }
    }
  }

  private static func findShort(
    _ needle: UnsafeBufferPointer<UInt8>, in hay: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int
  ) -> Int? {
    guard let first = needle.first else { return start }
    guard let base = hay.baseAddress, let pattern = needle.baseAddress else { return nil }
    var at = start
    let last = end - needle.count
    while at <= last {
      guard let found = memchr(base + at, Int32(first), last - at + 1) else { return nil }
      at = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      if memcmp(base + at, pattern, needle.count) == 0 { return at }
      at += 1
    }
    return nil
  }

  /// Knuth, Morris and Pratt: never steps back in the hay.
  private static func findLong(_ needle: [UInt8], in hay: [UInt8], from start: Int, to end: Int) -> Int? {
    var border = [Int](repeating: 0, count: needle.count)
    var length = 0
    for place in 1..<needle.count {
      while length > 0, needle[place] != needle[length] { length = border[length - 1] }
      if needle[place] == needle[length] { length += 1 }
      border[place] = length
    }
    length = 0
    for place in start..<end {
      while length > 0, hay[place] != needle[length] { length = border[length - 1] }
      if hay[place] == needle[length] { length += 1 }
      if length == needle.count { return place + 1 - length }
    }
    return nil
  }

  /// The last place of a needle that ends at or before `end`; linear time, by searching the reversed bytes.
  static func findLast(_ needle: [UInt8], in hay: [UInt8], from start: Int, to end: Int) -> Int? {
    guard start <= end, needle.count <= end - start else { return nil }
    let reversed = Array(hay[start..<end].reversed())
    guard let place = find(Array(needle.reversed()), in: reversed, from: 0, to: reversed.count) else {
      return nil
    }
    return end - place - needle.count
  }

  /// Decodes the code point at an offset of valid UTF-8.
  @inline(__always)
  static func scalar(_ bytes: [UInt8], at offset: Int) -> Unicode.Scalar {
    bytes.withUnsafeBufferPointer { scalar($0, at: offset) }
  }

  static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> Unicode.Scalar {
    let lead = bytes[offset]
    let width = min(width(lead), bytes.count - offset)
    if width == 1 { return Unicode.Scalar(lead) }
    var value = UInt32(lead) & (0x7F >> UInt32(width))
    for step in 1..<width { value = value << 6 | UInt32(bytes[offset + step] & 0x3F) }
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }
}

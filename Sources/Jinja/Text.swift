import Glibc

/// A part of a text that did not come from the template: bytes `start..<end`, index into the table of origins.
struct Mark: Equatable {
  var start: Int
  var end: Int
  var origin: Int32
}

/// A Python string: immutable UTF-8 bytes, indexed by code point, that remembers where its parts came from.
///
/// Compared and hashed by bytes, which is by code points; Swift's `String` would compare by canonical equivalence.
/// A string of the context is kept as it is: most are only copied to the output and compared with short constants.
final class Text {
  /// A string of the context whose bytes nobody has asked for as an array yet.
  private let source: String
  private let isSource: Bool
  @exclusivity(unchecked) private var array: [UInt8]
  /// The number of bytes.
  let size: Int
  /// The origin of the whole text, negative for none: the common case, without a list.
  let whole: Int32
  /// The marks of a text of several origins: sorted, without overlaps; what none covers belongs to the template.
  let marks: [Mark]
  /// Whether there are such marks.
  let isMixed: Bool
  /// Whether this is jinja2's `Markup`: text that need not be escaped again.
  let isMarkup: Bool
  /// Who is told when the memory is given back; nil until the interpreter has adopted the value.
  private var meter: Meter?
  @exclusivity(unchecked) private var scalars = -1
  /// Whether the text belongs to a compiled template, which many renderings share: then nothing in it changes.
  private let isConstant: Bool

  init(_ bytes: [UInt8], marks: [Mark] = [], isMarkup: Bool = false) {
    source = ""
    isSource = false
    array = bytes
    size = bytes.count
    if marks.count == 1, marks[0].start == 0, marks[0].end == bytes.count {
      whole = marks[0].origin
      self.marks = []
    } else {
      whole = -1
      self.marks = marks
    }
    isMixed = !self.marks.isEmpty
    self.isMarkup = isMarkup
    isConstant = false
  }

  /// Makes a text of one origin.
  init(_ bytes: [UInt8], whole: Int32, isMarkup: Bool = false) {
    source = ""
    isSource = false
    array = bytes
    size = bytes.count
    self.whole = bytes.isEmpty ? -1 : whole
    marks = []
    isMixed = false
    self.isMarkup = isMarkup
    isConstant = false
  }

  /// Makes a text of a string of the context.
  init(_ string: String, whole: Int32) {
    source = string
    isSource = true
    array = []
    size = string.utf8.count
    self.whole = size == 0 ? -1 : whole
    marks = []
    isMixed = false
    isMarkup = false
    isConstant = false
  }

  /// Makes a constant of a compiled template.
  init(constant bytes: [UInt8]) {
    source = ""
    isSource = false
    array = bytes
    size = bytes.count
    whole = -1
    marks = []
    isMixed = false
    isMarkup = false
    isConstant = true
    scalars = UTF8Bytes.scalarCount(bytes[...])
  }

  convenience init(_ string: String) {
    self.init(Array(string.utf8))
  }

  deinit { meter?.release(cost) }

  private var cost: Int { size + marks.count * MemoryLayout<Mark>.stride + Meter.objectCost }

  /// Counts the memory of this text against the rendering; a second call does nothing.
  func adopt(_ meter: Meter) {
    guard self.meter == nil, !isConstant else { return }
    self.meter = meter
    meter.add(cost)
  }

  /// The bytes as an array; a string of the context is copied the first time.
  var bytes: [UInt8] {
    if array.count == size { return array }
    if isSource { array = Array(source.utf8) }
    return array
  }

  /// Calls a function with the bytes, without copying them.
  @inline(__always)
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if isSource, let result = source.utf8.withContiguousStorageIfAvailable(body) { return result }
    return array.withUnsafeBufferPointer(body)
  }

  /// The number of code points.
  var count: Int {
    if scalars < 0 { scalars = withBytes(UTF8Bytes.scalarCount) }
    return scalars
  }

  /// Whether every code point is one byte.
  var isASCII: Bool { count == size }

  var string: String { isSource ? source : String(decoding: array, as: UTF8.self) }

  /// The code points; use only where a whole pass is needed anyway.
  var unicodeScalars: String.UnicodeScalarView { string.unicodeScalars }

  /// The part between two byte offsets with the marks that it overlaps.
  func slice(_ range: Range<Int>) -> Text {
    if range.lowerBound == 0, range.upperBound == size { return self }
    guard isMixed else {
      return Text(withBytes { Array($0[range]) }, whole: whole, isMarkup: isMarkup)
    }
    var builder = TextBuilder()
    builder.append(self, range)
    return builder.text(isMarkup: isMarkup)
  }

  /// The byte offset of a code point offset in `0...count`.
  func byteOffset(ofScalar index: Int) -> Int {
    if isASCII { return index }
    var left = index
    var at = 0
    while left > 0, at < bytes.count {
      at += UTF8Bytes.width(bytes[at])
      left -= 1
    }
    return min(at, bytes.count)
  }

  /// The number of code points before a byte offset.
  func scalarOffset(ofByte offset: Int) -> Int {
    isASCII ? offset : UTF8Bytes.scalarCount(bytes[..<offset])
  }

  /// The index of the first mark that ends after a byte offset.
  func firstMark(endingAfter offset: Int) -> Int {
    var low = 0
    var high = marks.count
    while low < high {
      let middle = (low + high) / 2
      if marks[middle].end > offset { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The origin of the byte at an offset; nil for the template's own.
  func origin(at offset: Int) -> Int32? {
    if whole >= 0 { return whole }
    let place = firstMark(endingAfter: offset)
    return place < marks.count && marks[place].start <= offset ? marks[place].origin : nil
  }

  /// The origin that the whole result of a transformation gets: that of the first marked part.
  var coarseOrigin: Int32? { whole >= 0 ? whole : marks.first?.origin }

  /// The same origins on other bytes of the same length.
  func replacing(_ bytes: [UInt8], isMarkup: Bool) -> Text {
    whole >= 0
      ? Text(bytes, whole: whole, isMarkup: isMarkup) : Text(bytes, marks: marks, isMarkup: isMarkup)
  }

  /// The same marks in full on the result of a transformation of this text.
  func derived(_ bytes: [UInt8]) -> Text {
    Text(bytes, whole: coarseOrigin ?? -1, isMarkup: isMarkup)
  }

}

extension Text: Hashable {
  static func == (left: Text, right: Text) -> Bool {
    guard left !== right else { return true }
    guard left.size == right.size else { return false }
    return left.withBytes { left in
      right.withBytes { right in UTF8Bytes.areEqual(left, right) }
    }
  }

  /// Whether the text is a constant of the template.
  @inline(__always)
  func equals(_ name: ConstantText) -> Bool {
    guard size == name.text.size else { return false }
    if isSource { return name.equals(source) }
    return self == name.text
  }

  func hash(into hasher: inout Hasher) {
    withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// Python's order of strings, by code point; equals the order of UTF-8 bytes.
  static func < (left: Text, right: Text) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}

/// Joins pieces of text and keeps their marks.
struct TextBuilder {
  private(set) var bytes: [UInt8] = []
  private(set) var marks: [Mark] = []

  var count: Int { bytes.count }

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  mutating func append(_ text: Text) {
    if text.whole >= 0 {
      add(bytes.count, bytes.count + text.size, text.whole)
    } else if text.isMixed {
      for mark in text.marks { add(mark.start + bytes.count, mark.end + bytes.count, mark.origin) }
    }
    text.withBytes { bytes.append(contentsOf: $0) }
  }

  /// Takes what follows an offset away; gives it as a text.
  mutating func cut(from start: Int) -> Text {
    let whole = Text(bytes, marks: marks)
    let tail = whole.slice(start..<bytes.count)
    bytes.removeSubrange(start...)
    while let last = marks.last, last.end > start {
      marks.removeLast()
      if last.start < start { marks.append(Mark(start: last.start, end: start, origin: last.origin)) }
    }
    return tail
  }

  mutating func append(_ text: Text, _ range: Range<Int>) {
    if text.whole >= 0 { add(bytes.count, bytes.count + range.count, text.whole) }
    let shift = bytes.count - range.lowerBound
    var place = text.marks.isEmpty ? 0 : text.firstMark(endingAfter: range.lowerBound)
    while place < text.marks.count, text.marks[place].start < range.upperBound {
      let mark = text.marks[place]
      add(max(mark.start, range.lowerBound) + shift, min(mark.end, range.upperBound) + shift, mark.origin)
      place += 1
    }
    text.withBytes { bytes.append(contentsOf: UnsafeBufferPointer(rebasing: $0[range])) }
  }

  mutating func append(_ constant: ConstantText) { bytes.append(contentsOf: constant.bytes) }

  mutating func append(_ literal: StaticString) {
    literal.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ literal: StaticString, origin: Int32?) {
    let start = bytes.count
    append(literal)
    if let origin { add(start, bytes.count, origin) }
  }

  mutating func append(_ string: String, origin: Int32? = nil) {
    let start = bytes.count
    bytes.append(utf8: string)
    if let origin { add(start, bytes.count, origin) }
  }

  mutating func append(_ byte: UInt8) { bytes.append(byte) }

  mutating func append(_ more: [UInt8], origin: Int32? = nil) {
    let start = bytes.count
    bytes.append(contentsOf: more)
    if let origin { add(start, bytes.count, origin) }
  }

  /// Appends a text as being of one origin.
  mutating func append(coarsely text: Text) {
    let start = bytes.count
    text.withBytes { bytes.append(contentsOf: $0) }
    if let origin = text.coarseOrigin { add(start, bytes.count, origin) }
  }

  private mutating func add(_ start: Int, _ end: Int, _ origin: Int32) {
    guard start < end else { return }
    if let last = marks.last, last.origin == origin, last.end == start {
      marks[marks.count - 1].end = end
    } else {
      marks.append(Mark(start: start, end: end, origin: origin))
    }
  }

  func text(isMarkup: Bool = false) -> Text { Text(bytes, marks: marks, isMarkup: isMarkup) }
}

/// Counts the memory that the values of one rendering hold.
final class Meter {
  /// What one heap object costs beside its content, in bytes.
  static let objectCost = 96
  private(set) var live = 0

  func add(_ bytes: Int) { live += bytes }
  func release(_ bytes: Int) { live -= bytes }
}

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

  /// Needles up to this many bytes are compared at every place where their first byte stands.
  private static let shortNeedle = 32

  /// The first place of a needle at or after an offset; linear time.
  static func find(_ needle: [UInt8], in hay: [UInt8], from start: Int, to end: Int) -> Int? {
    guard start <= end, needle.count <= end - start else { return nil }
    if needle.count > shortNeedle { return findLong(needle, in: hay, from: start, to: end) }
    return hay.withUnsafeBufferPointer { hay in
      needle.withUnsafeBufferPointer { findShort($0, in: hay, from: start, to: end) }
    }
  }

  /// Whether a text stands in another.
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

extension [UInt8] {
  /// Appends the bytes of a string; faster than appending its view, which goes byte by byte.
  mutating func append(utf8 string: String) {
    let isDone: Void? = string.utf8.withContiguousStorageIfAvailable { append(contentsOf: $0) }
    if isDone == nil { append(contentsOf: string.utf8) }
  }
}

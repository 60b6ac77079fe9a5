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

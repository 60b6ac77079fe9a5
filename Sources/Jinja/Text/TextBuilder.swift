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

extension [UInt8] {
  /// Appends the bytes of a string; faster than appending its view, which goes byte by byte.
  mutating func append(utf8 string: String) {
    let isDone: Void? = string.utf8.withContiguousStorageIfAvailable { append(contentsOf: $0) }
    if isDone == nil { append(contentsOf: string.utf8) }
  }
}

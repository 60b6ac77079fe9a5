/// The entries of a zip archive whose contents are stored as they are, so that they can be read in place.
///
/// Source: PKWARE's APPNOTE 6.3.10, with the 64-bit extensions.
struct ZipArchive {
  /// A file in the archive.
  struct Entry {
    let name: String
    /// Its bytes in the archive.
    let range: Range<Int>
  }

  /// The entries by name.
  let entries: [String: Entry]
  /// The name of the entry that comes first in the directory; empty if there is none.
  let firstName: String

  /// Reads the directory of `reader`'s file and checks that every entry lies before it and that no two overlap.
  init(_ reader: inout ByteReader) throws(ModelFormatError) {
    let directory = try ZipDirectory(&reader)
    try reader.move(to: directory.offset, "the end of the archive")
    var entries: [String: Entry] = [:]
    var spans: [(range: Range<Int>, name: String)] = []
    var first: String?
    for index in 0..<directory.count {
      let record = try Record(&reader, index: index)
      let next = reader.offset
      guard next <= directory.end else {
        throw reader.error(
          .invalid, "the archive's directory runs over its end",
          expected: "it ends at byte \(directory.end)")
      }
      let range = try record.data(&reader, before: Int(directory.offset))
      spans.append((Int(record.offset)..<range.upperBound, record.name))
      guard entries.updateValue(Entry(name: record.name, range: range), forKey: record.name) == nil else {
        throw reader.error(
          .invalid, at: next, "the archive has two entries named \(ModelFormatError.quoted(record.name))",
          expected: "names must be unique")
      }
      first = first ?? record.name
      try reader.move(to: UInt64(next), "the directory")
    }
    spans.sort { $0.range.lowerBound < $1.range.lowerBound }
    for (before, after) in zip(spans, spans.dropFirst())
    where before.range.upperBound > after.range.lowerBound {
      throw reader.error(
        .invalid, at: after.range.lowerBound,
        "the entry \(ModelFormatError.quoted(after.name)) overlaps \(ModelFormatError.quoted(before.name))",
        expected: "entries must not share bytes")
    }
    self.entries = entries
    firstName = first ?? ""
  }
}

/// One record of the directory.
private struct Record {
  let name: String
  let size: UInt64
  /// The place of the entry's own header.
  let offset: UInt64

  init(_ reader: inout ByteReader, index: Int) throws(ModelFormatError) {
    let start = reader.offset
    let what = "entry \(index) of the archive"
    guard try reader.integer(UInt32.self, what) == 0x0201_4B50 else {
      throw reader.error(.invalid, at: start, "\(what) has no record", expected: "the archive is damaged")
    }
    _ = try reader.take(4, what)
    let flags = try reader.integer(UInt16.self, what)
    let method = try reader.integer(UInt16.self, what)
    _ = try reader.take(8, what)
    var packed = UInt64(try reader.integer(UInt32.self, what))
    var size = UInt64(try reader.integer(UInt32.self, what))
    let lengths = (
      name: try reader.integer(UInt16.self, what), extra: try reader.integer(UInt16.self, what),
      comment: try reader.integer(UInt16.self, what)
    )
    _ = try reader.take(8, what)
    var offset = UInt64(try reader.integer(UInt32.self, what))
    let bytes = try reader.take(UInt64(lengths.name), what)
    guard let name = String(validating: bytes, as: UTF8.self) else {
      throw reader.error(
        .invalid, at: start, "the name of \(what) is not UTF-8", expected: "PyTorch writes plain names")
    }
    let extra = try reader.take(UInt64(lengths.extra), what)
    _ = try reader.take(UInt64(lengths.comment), what)
    try Self.widen(&size, &packed, &offset, extra, reader)
    guard flags & 0x2041 == 0 else {
      throw reader.error(
        .unsupported, at: start, "the entry \(ModelFormatError.quoted(name)) is encrypted",
        expected: "save the weights again without encryption")
    }
    guard method == 0, packed == size else {
      throw reader.error(
        .unsupported, at: start, "the entry \(ModelFormatError.quoted(name)) is compressed",
        expected: "PyTorch stores entries as they are: save the weights again with torch.save")
    }
    self.name = name
    self.size = size
    self.offset = offset
  }

  /// Replaces the fields that 32 bits cannot hold by those of the 64-bit extension.
  private static func widen(
    _ size: inout UInt64, _ packed: inout UInt64, _ offset: inout UInt64, _ extra: UnsafeRawBufferPointer,
    _ reader: ByteReader
  ) throws(ModelFormatError) {
    let full = UInt64(UInt32.max)
    guard size == full || packed == full || offset == full else { return }
    var fields = ByteReader(extra, path: reader.path)
    while fields.remaining >= 4 {
      let kind = try fields.integer(UInt16.self, "an extra field")
      let content = try fields.take(
        UInt64(try fields.integer(UInt16.self, "an extra field")), "an extra field")
      guard kind == 1 else { continue }
      var wide = ByteReader(content, path: reader.path)
      if size == full { size = try wide.integer(UInt64.self, "a 64-bit size") }
      if packed == full { packed = try wide.integer(UInt64.self, "a 64-bit size") }
      if offset == full { offset = try wide.integer(UInt64.self, "a 64-bit offset") }
      return
    }
    throw reader.error(
      .invalid, "an entry of the archive lacks its 64-bit sizes", expected: "the archive is damaged")
  }

  /// The bytes of the entry, behind its own header, which must be before `end`.
  func data(_ reader: inout ByteReader, before end: Int) throws(ModelFormatError) -> Range<Int> {
    let quoted = ModelFormatError.quoted(name)
    try reader.move(to: offset, "the entry \(quoted)")
    let what = "the header of \(quoted)"
    guard try reader.integer(UInt32.self, what) == 0x0403_4B50 else {
      throw reader.error(
        .invalid, at: Int(offset), "the entry \(quoted) has no header", expected: "the archive is damaged")
    }
    _ = try reader.take(22, what)
    let nameLength = try reader.integer(UInt16.self, what)
    let extraLength = try reader.integer(UInt16.self, what)
    let own = try reader.take(UInt64(nameLength), what)
    guard own.elementsEqual(name.utf8) else {
      throw reader.error(
        .invalid, at: Int(offset), "the entry \(quoted) has another name in its header",
        expected: "both names must agree")
    }
    _ = try reader.take(UInt64(extraLength), what)
    let start = reader.offset
    guard start <= end, size <= UInt64(end - start) else {
      throw reader.error(
        .truncated, at: start, ByteReader.cutShort,
        expected: "download it again (the entry \(quoted) takes \(ByteSize(size)))")
    }
    return start..<(start + Int(size))
  }
}

/// Where the directory of a zip archive is: what the record at the archive's end says.
struct ZipDirectory {
  /// The number of entries.
  let count: Int
  /// The first byte.
  let offset: UInt64
  /// The byte behind the last.
  let end: Int

  /// Finds the record, which only a comment may follow.
  init(_ reader: inout ByteReader) throws(ModelFormatError) {
    let place = try Self.find(reader)
    try reader.move(to: UInt64(place + 8), "the end of the archive")
    let what = "the archive's end"
    _ = try reader.integer(UInt16.self, what)
    var count = UInt64(try reader.integer(UInt16.self, what))
    var size = UInt64(try reader.integer(UInt32.self, what))
    var offset = UInt64(try reader.integer(UInt32.self, what))
    var limit = place
    if count == UInt64(UInt16.max) || size == UInt64(UInt32.max) || offset == UInt64(UInt32.max),
      let wide = try Self.wideEnd(&reader, before: place)
    {
      limit = wide
      try reader.move(to: UInt64(wide + 32), what)
      count = try reader.integer(UInt64.self, what)
      size = try reader.integer(UInt64.self, what)
      offset = try reader.integer(UInt64.self, what)
    }
    let (end, overflow) = offset.addingReportingOverflow(size)
    guard !overflow, end <= UInt64(limit) else {
      throw reader.error(
        .invalid, at: place, "the archive's directory of \(ByteSize(size)) begins at byte \(offset)",
        expected: "it must end before byte \(limit)")
    }
    guard count <= UInt64(Limits.zipEntries) else {
      throw reader.error(
        .tooLarge, at: place, "the archive has \(count) entries",
        expected: "at most \(Limits.zipEntries) is allowed")
    }
    // The fewest bytes of a record.
    guard count * 46 <= size else {
      throw reader.error(
        .invalid, at: place, "the archive's directory of \(ByteSize(size)) cannot hold \(count) entries",
        expected: "a record takes at least 46 bytes")
    }
    self.count = Int(count)
    self.offset = offset
    self.end = Int(end)
  }

  /// The place of the record `PK 5 6`.
  private static func find(_ reader: ByteReader) throws(ModelFormatError) -> Int {
    let bytes = reader.bytes
    let last = bytes.count - 22
    // A comment has at most 65,535 bytes.
    var place = last
    while place >= max(0, last - 65_535) {
      if bytes[place] == 0x50, bytes[place + 1] == 0x4B, bytes[place + 2] == 5, bytes[place + 3] == 6,
        Int(bytes[place + 20]) + Int(bytes[place + 21]) << 8 == last - place
      {
        return place
      }
      place -= 1
    }
    throw reader.error(
      .truncated, at: bytes.count, ByteReader.cutShort,
      expected: "download it again (the archive's directory, which is at its end, is missing)")
  }

  /// The place of the 64-bit record `PK 6 6`, if the locator `PK 6 7` before the record at `place` points to one.
  private static func wideEnd(
    _ reader: inout ByteReader, before place: Int
  ) throws(ModelFormatError) -> Int? {
    guard place >= 20 else { return nil }
    let what = "the archive's 64-bit end"
    try reader.move(to: UInt64(place - 20), what)
    guard try reader.integer(UInt32.self, what) == 0x0706_4B50 else { return nil }
    _ = try reader.integer(UInt32.self, what)
    let offset = try reader.integer(UInt64.self, what)
    try reader.move(to: offset, what)
    guard try reader.integer(UInt32.self, what) == 0x0606_4B50, offset <= UInt64(place - 20) else {
      throw reader.error(
        .invalid, at: place - 20, "\(what) is not where its locator says", expected: "the archive is damaged")
    }
    return Int(offset)
  }
}

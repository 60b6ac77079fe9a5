import ModelFormats
import Testing

@Suite("The byte reader")
struct ByteReaderTests {
  /// Calls `body` with a reader over `bytes`.
  func read<R>(_ bytes: [UInt8], _ body: (inout ByteReader) throws -> R) rethrows -> R {
    try bytes.withUnsafeBytes { raw in
      var reader = ByteReader(raw, path: "file")
      return try body(&reader)
    }
  }

  @Test("numbers are little-endian at any alignment")
  func numbers() throws {
    try read([9, 0x34, 0x12, 0xFE, 0xFF, 0xFF, 0xFF, 0, 0, 0xC0, 0x3F]) { reader in
      let byte = try reader.integer(UInt8.self, "a")
      let short = try reader.integer(UInt16.self, "b")
      let word = try reader.integer(Int32.self, "c")
      let float = try reader.float32("d")
      #expect((byte, short, word, float) == (9, 0x1234, -2, 1.5))
      #expect(reader.remaining == 0)
    }
  }

  @Test("a read past the end says where and what, and does not move")
  func end() {
    read([1, 2, 3]) { reader in
      _ = try? reader.integer(UInt8.self, "a")
      let error = #expect(throws: ModelFormatError.self) { try reader.integer(UInt32.self, "the width") }
      #expect(error?.kind == .truncated)
      #expect(error?.offset == 1)
      #expect(error?.message == "the file is cut short")
      #expect(error?.expected == "download it again (the width needs 4 bytes, but only 2 bytes follow)")
      #expect(reader.offset == 1)
    }
  }

  @Test(
    "lengths up to 2^64-1 are refused without being added up", arguments: [4, 1 << 40, 1 << 63, UInt64.max])
  func lengths(_ length: UInt64) {
    read([1, 2, 3]) { reader in
      #expect(throws: ModelFormatError.self) { try reader.take(length, "data") }
      #expect(reader.offset == 0)
    }
    let prefix = withUnsafeBytes(of: length.littleEndian) { [UInt8]($0) }
    read(prefix + [1, 2, 3]) { reader in
      #expect(throws: ModelFormatError.self) { try reader.string(limit: .max, "text") }
      #expect(reader.offset == 0)
    }
  }

  @Test("a count is refused when its elements cannot be there, are too many, or wrap around")
  func counts() {
    read([UInt8](repeating: 0, count: 16)) { reader in
      #expect((try? reader.count(2, elementBytes: 8, limit: 9, at: 0, "n")) == 2)
      #expect((try? reader.count(3, elementBytes: 8, limit: 9, at: 0, "n")) == nil)
      #expect((try? reader.count(2, elementBytes: 8, limit: 1, at: 0, "n")) == nil)
      #expect((try? reader.count(1 << 61, elementBytes: 8, limit: .max, at: 0, "n")) == nil)
      #expect((try? reader.count(.max, elementBytes: 1, limit: .max, at: 0, "n")) == nil)
    }
  }

  @Test("a boolean is 0 or 1")
  func booleans() throws {
    try read([0, 1, 2]) { reader in
      let no = try reader.bool("a")
      let yes = try reader.bool("b")
      #expect((no, yes) == (false, true))
      let error = #expect(throws: ModelFormatError.self) { try reader.bool("c") }
      #expect(error?.offset == 2)
    }
  }

  @Test("an error is one line whatever the file says")
  func oneLine() {
    let error = ModelFormatError(
      .invalid, path: "a\nb", offset: 7, "key '\u{1B}[2J\u{2028}\u{202E}'", expected: "no\r\n")
    #expect(
      error.description == "a\\u{a}b: key '\\u{1b}[2J\\u{2028}\\u{202e}' at byte 7; no\\u{d}\\u{a}")
  }
}

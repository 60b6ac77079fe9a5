import Testing

@testable import Tokenizers

/// The wire format of Protocol Buffers, right and wrong (the encoding page of its documentation has the examples).
struct ProtobufReaderTests {
  /// A field of `bytes`: its number, and its value in words.
  static func fields(_ bytes: [UInt8], base: Int = 0) throws -> [String] {
    try bytes.withUnsafeBufferPointer { buffer in
      var reader = ProtobufReader(buffer, base: base)
      var result: [String] = []
      while let field = try reader.next() {
        switch field.value {
        case .varint(let value): result.append("\(field.number) varint \(value)")
        case .fixed32(let value): result.append("\(field.number) fixed32 \(value)")
        case .fixed64(let value): result.append("\(field.number) fixed64 \(value)")
        case .bytes(let part): result.append("\(field.number) bytes \(Array(part))")
        }
      }
      return result
    }
  }

  @Test("the examples of the documentation read as it says")
  func examples() throws {
    #expect(try Self.fields([0x08, 0x96, 0x01]) == ["1 varint 150"])
    #expect(
      try Self.fields([0x12, 0x07] + Array("testing".utf8)) == ["2 bytes \(Array("testing".utf8))"])
    #expect(try Self.fields([0x1A, 0x03, 0x08, 0x96, 0x01]) == ["3 bytes [8, 150, 1]"])
    #expect(try Self.fields([]) == [])
  }

  @Test("numbers of every width are little-endian, up to their largest values")
  func widths() throws {
    let ones = [UInt8](repeating: 0xFF, count: 8)
    #expect(try Self.fields([0x0D, 1, 2, 3, 4]) == ["1 fixed32 67305985"])
    #expect(try Self.fields([0x09] + ones) == ["1 fixed64 \(UInt64.max)"])
    #expect(try Self.fields([0x08] + ones + [0xFF, 0x01]) == ["1 varint \(UInt64.max)"])
    // A negative int32 takes ten bytes.
    #expect(try Self.fields([0x08, 0xFE] + ones + [0x01]) == ["1 varint \(UInt64.max - 1)"])
    #expect(try Self.fields([0x08, 0x80, 0x80, 0x00]) == ["1 varint 0"])
    #expect(try Self.fields([0xF8, 0xFF, 0xFF, 0xFF, 0x0F, 0x01]) == ["536870911 varint 1"])
  }

  @Test(
    "wrong bytes are refused at their place",
    arguments: [
      ([0x08], 101), ([0x08, 0x80], 102), ([0x00, 0x01], 100), ([0x0B], 100), ([0x0C], 100), ([0x0E], 100),
      ([0x0F], 100), ([0x0A, 0x01], 101), ([0x0A, 0x05, 0x61], 101), ([0x0D, 1, 2, 3], 101),
      ([0x09, 1, 2, 3, 4, 5, 6, 7], 101), ([0x08, 0x01, 0x0A], 103), ([0x08, 0x01, 0x03], 102),
      ([0x08] + [UInt8](repeating: 0x80, count: 10) + [0x01], 111),
      ([0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01], 101),
      ([0x0A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], 101),
    ] as [([UInt8], Int)])
  func refused(bytes: [UInt8], offset: Int) {
    #expect {
      try Self.fields(bytes, base: 100)
    } throws: { error in
      guard case .malformed("tokenizer.model", offset, let reason)? = error as? TokenizerError else {
        return false
      }
      return !reason.isEmpty
    }
  }

  @Test("random bytes are fields that lie inside them, or an error inside them")
  func random() {
    var random = SplitMix(seed: 17)
    for _ in 0..<Effort.scaled(100_000, debug: 2_000) {
      let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in
        Bool.random(using: &random)
          ? UInt8.random(in: 0...0x1F, using: &random) : .random(in: 0...255, using: &random)
      }
      do {
        let fields = try Self.fields(bytes)
        #expect(fields.count <= bytes.count)
      } catch TokenizerError.malformed(_, let offset, _) {
        #expect((0...bytes.count).contains(offset), "\(bytes)")
      } catch {
        Issue.record(error)
      }
    }
  }

  /// A `tokenizer.model` of two pieces, with `more` behind them.
  static func model(_ more: [UInt8] = []) -> [UInt8] {
    let unknown: [UInt8] = [0x0A, 0x01, 0x3F, 0x18, 0x02]
    let letter: [UInt8] = [0x0A, 0x01, 0x61, 0x15, 0, 0, 0x80, 0xBF]
    return [0x0A, UInt8(unknown.count)] + unknown + [0x0A, UInt8(letter.count)] + letter + more
  }

  @Test("a model reads its pieces and skips fields that it does not know")
  func pieces() throws {
    let bytes = Self.model([0x7A, 0x02, 0xFF, 0xFF, 0x12, 0x02, 0x18, 0x02])
    let file = try bytes.withUnsafeBufferPointer { try SentencePieceFile($0) }
    #expect(file.pieces == [[0x3F], [0x61]] && file.scores == [0, -1] && file.kinds == [.unknown, .normal])
    #expect(file.kind == .bytePair)
    #expect(try TokenizerFile.make(from: bytes).name == "tokenizer.model/bpe")
  }

  @Test(
    "a model with a wrong field is refused",
    arguments: [
      [0x0A, 0x02, 0x18, 0x07], [0x0A, 0x02, 0x18, 0x00], [0x0A, 0x05, 0x15, 0, 0, 0xC0, 0x7F],
      [0x12, 0x02, 0x18, 0x09],
      [0x12, 0x02, 0x18, 0x03], [0x12, 0x02, 0x18, 0x04], [0x1A, 0x02, 0x28, 0x00],
      [0x1A, 0x03, 0x12, 0x01, 0x00],
      [0x0A, 0x03, 0x0A, 0x01, 0x61], [0x1A, 0x02, 0x12, 0x05],
    ] as [[UInt8]])
  func wrong(more: [UInt8]) {
    #expect(throws: TokenizerError.self) { try TokenizerFile.make(from: Self.model(more)) }
  }

  @Test("a model without pieces is refused")
  func empty() {
    #expect(throws: TokenizerError.self) {
      try [0x12, 0x02, 0x18, 0x01].withUnsafeBufferPointer { try SentencePieceFile($0) }
    }
  }
}

import Testing
import Tokens

@testable import Tokenizers

/// Small tokenizers of every combination of components against the references (`Fixtures/record_tokenizers.py`).
struct RecordedTokenizerTests {
  /// How many texts share a hash.
  static let group = 50

  /// The hashes by the name of the tokenizer: first those of ids, then those of decoded texts.
  static let expected = Result {
    try Fixtures.unpacked("files/expected.txt.xz").split(separator: 10).reduce(into: [String: [String]]()) {
      let parts = String(decoding: $1, as: UTF8.self).split(separator: " ").map(String.init)
      $0[parts[0]] = Array(parts.dropFirst())
    }
  }

  static let names = ((try? expected.get()) ?? [:]).keys.sorted()

  /// All of them, or one of each kind where nothing is optimised.
  static let someNames = names.enumerated().filter { Effort.scaled(1, debug: 6) == 1 || $0.offset % 6 == 0 }
    .map(\.element)

  /// FNV-1a in hexadecimal.
  static func hash(_ bytes: [UInt8]) -> String {
    let value = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  static func encoded(_ ids: [TokenID]) -> [UInt8] {
    ids.flatMap { id in (0..<4).map { UInt8(truncatingIfNeeded: id.rawValue >> ($0 * 8)) } }
      + [0xFF, 0xFF, 0xFF, 0xFF]
  }

  @Test("all of them are there")
  func count() {
    #expect(Self.names.count == 65)
  }

  @Test("a file gives the ids and the texts of its reference", arguments: names)
  func equal(name: String) throws {
    let tokenizer = try TokenizerFile.make(from: try Fixtures.unpacked("files/\(name).xz"))
    let hashes = try #require(try Self.expected.get()[name])
    let texts = try Fixtures.corpus.get()
    let isSentencePiece = name.hasSuffix(".model")
    for start in stride(from: 0, to: Effort.scaled(texts.count, debug: 50), by: Self.group) {
      var ids: [UInt8] = []
      var decoded: [UInt8] = []
      for text in texts[start..<(start + Self.group)] {
        let own = try tokenizer.encode(text, special: isSentencePiece ? .none : .all).map(\.id)
        let all = isSentencePiece ? own : tokenizer.prefix + own + tokenizer.suffix
        ids += Self.encoded(all)
        decoded += Array(tokenizer.text(of: all).utf8) + [0x1E]
      }
      let index = start / Self.group
      #expect(Self.hash(ids) == hashes[index], "ids of texts from \(start)")
      #expect(Self.hash(decoded) == hashes[hashes.count / 2 + index], "decoded texts from \(start)")
    }
  }

  @Test("a stream gives what decoding at once gives, and ranges are in order", arguments: someNames)
  func streams(name: String) throws {
    let tokenizer = try TokenizerFile.make(from: try Fixtures.unpacked("files/\(name).xz"))
    for text in try Fixtures.corpus.get().prefix(Effort.scaled(500, debug: 10)) {
      let tokens = try tokenizer.encode(text, special: .all)
      var decoder = StreamDecoder(tokenizer)
      let pieces = tokens.map { decoder.push($0.id) } + [decoder.finish()]
      #expect(pieces.joined() == tokenizer.text(of: tokens.map(\.id)))
      var end = 0
      for token in tokens {
        #expect(token.range.lowerBound >= end && token.range.upperBound <= text.count)
        end = token.range.upperBound
      }
    }
  }
}

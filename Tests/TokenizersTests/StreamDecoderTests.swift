import Testing
import Tokens

@testable import Tokenizers

/// Streams of tokens and of bytes against the text as a whole.
struct StreamDecoderTests {
  @Test(
    "a stream of any text gives the text, whole characters at a time",
    arguments: ["gpt-2", "llama-spm"])
  func corpus(name: String) throws {
    let tokenizer = try Fixtures.vocabulary(name)
    for text in try Fixtures.corpus.get().prefix(Effort.scaled(1_000, debug: 250)) {
      let ids = try tokenizer.encode(text).map(\.id)
      var decoder = StreamDecoder(tokenizer)
      var streamed = ""
      for id in ids {
        let part = decoder.push(id)
        #expect(!part.unicodeScalars.contains("\u{FFFD}"))
        streamed += part
      }
      streamed += decoder.finish()
      #expect(streamed.utf8.elementsEqual(tokenizer.text(of: ids).utf8))
    }
  }

  @Test("Korean and emoji that are split over tokens come out whole")
  func splitCharacters() throws {
    let tokenizer = try Fixtures.vocabulary("gpt-2")
    let ids = try tokenizer.encode("뷁🦙").map(\.id)
    #expect(ids.count > 2)
    var decoder = StreamDecoder(tokenizer)
    let parts = ids.map { decoder.push($0) }.filter { !$0.isEmpty }
    #expect(parts == ["뷁", "🦙"])
    #expect(decoder.finish() == "")
  }

  @Test("bytes cut anywhere assemble to what decoding them at once gives")
  func randomBytes() {
    var random = SplitMix(seed: 7)
    let interesting: [UInt8] = [
      0x41, 0x80, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0x9F, 0xA0, 0xED, 0xEF, 0xF0, 0x90, 0x8F, 0xF4, 0xF5, 0xFF,
      0xEA, 0xB0,
    ]
    for _ in 0..<Effort.scaled(500_000, debug: 2_000) {
      let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        interesting[Int.random(in: 0..<interesting.count, using: &random)]
      }
      var assembler = UTF8Assembler()
      var text = ""
      var start = 0
      while start < bytes.count {
        let end = Int.random(in: start...min(start + 3, bytes.count), using: &random)
        text += assembler.push(Array(bytes[start..<end]))
        start = end
      }
      text += assembler.finish()
      #expect(text.utf8.elementsEqual(String(decoding: bytes, as: UTF8.self).utf8), "\(bytes)")
    }
  }

  @Test("the leading space goes at the beginning of a text and stays in a continuation")
  func leadingSpace() throws {
    let tokenizer = try Fixtures.vocabulary("llama-spm")
    let hello = try tokenizer.encode("Hello").map(\.id)
    #expect(hello == [15043])
    #expect(tokenizer.text(of: hello) == "Hello")
    #expect(tokenizer.text(of: hello, continuesText: true) == " Hello")
    #expect(tokenizer.text(of: [1] + hello) == "Hello")
    #expect(tokenizer.text(of: [1] + hello, skipSpecial: false) == "<s>Hello")
    var stream = StreamDecoder(tokenizer, continuesText: true)
    #expect(stream.push(15043) == " Hello")
    #expect(try tokenizer.encode("Hello", continuesText: true).map(\.id) == [10994])
  }

  @Test("tokens outside the vocabulary are empty")
  func outOfRange() throws {
    for name in ["gpt-2", "llama-spm"] {
      let tokenizer = try Fixtures.vocabulary(name)
      for id: TokenID in [-1, 2_000_000_000, TokenID(tokenizer.vocabularySize)] {
        #expect(tokenizer.bytes(of: id).isEmpty && tokenizer.piece(id).isEmpty)
        #expect(tokenizer.kind(of: id) == .unused)
      }
    }
  }
}

/// A small generator with a fixed seed (Steele, Lea, Flood: SplitMix64).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

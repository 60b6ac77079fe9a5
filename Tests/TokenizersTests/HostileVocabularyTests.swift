import ModelFormats
import Testing
import Tokens

@testable import Tokenizers

/// Metadata that is wrong in one place: a typed error that names the key, never a trap.
struct HostileVocabularyTests {
  /// One change to a small valid file and the key that the error must name.
  struct Case: Sendable, CustomTestStringConvertible {
    var key: String
    var value: MetadataValue?
    var named: String

    init(_ key: String, _ value: MetadataValue?, named: String? = nil) {
      self.key = "tokenizer.ggml." + key
      self.value = value
      self.named = "tokenizer.ggml." + (named ?? key)
    }

    var testDescription: String { "\(key) \(String(describing: value).prefix(60))" }
  }

  /// The key that an error names.
  static func key(of error: TokenizerError) -> String? {
    switch error {
    case .missing(let key), .wrongType(let key, _), .wrongCount(let key, _, _), .invalid(let key, _, _),
      .unknownName(let key, _, _):
      key
    default: nil
    }
  }

  func refuses(_ metadata: Metadata, naming key: String) {
    #expect {
      _ = try TokenizerFactory.make(from: metadata)
    } throws: { error in
      guard let error = error as? TokenizerError else { return false }
      return Self.key(of: error) == key && !error.description.contains("\n")
    }
  }

  static func strings(_ texts: String...) -> MetadataValue {
    .strings(texts.map { Array($0.utf8) })
  }

  static func types(_ type: Int64, count: Int = 259) -> MetadataValue {
    .ints([Int64](repeating: type, count: count))
  }

  static let bytePairCases: [Case] = [
    Case("model", nil), Case("model", .int(1)), Case("model", .string([0xFF])),
    Case("model", .string(Array("elmo".utf8))), Case("pre", .int(3)),
    Case("pre", .string(Array("nope".utf8))),
    Case("pre", .string([0xC0])),
    Case("tokens", nil), Case("tokens", .strings([])), Case("tokens", .ints([1, 2])),
    Case("tokens", .string([65])),
    Case("tokens", strings("a", "a")),
    Case("tokens", .strings([[65], [UInt8](repeating: 65, count: Limits.pieceBytes + 1)])),
    Case("token_type", .ints([])), Case("token_type", .ints([1, 1])), Case("token_type", .floats([1])),
    Case("merges", nil), Case("merges", .ints([1])), Case("merges", strings("ab")),
    Case("merges", strings("")),
    Case("merges", strings("a ")), Case("merges", strings(" a")), Case("merges", strings(" ")),
    Case("merges", strings("a b", "c")),
    Case("scores", .floats([1])), Case("scores", .strings([[65]])),
    Case("scores", .floats([Float](repeating: .nan, count: 259))),
    Case("bos_token_id", .float(1)), Case("eom_token_id", .bool(true)),
    Case("padding_token_id", .strings([])), Case("fim_rep_token_id", .string([49])),
    Case("add_bos_token", .int(1)), Case("add_eos_token", .string([])),
  ]

  static let tiny = TinyVocabulary(specials: [("<s>", 3)], words: ["ab", "abc"], merges: ["a b", "ab c"])

  @Test("the vocabularies that the other tests break are in order")
  func sound() throws {
    #expect(try TokenizerFactory.make(from: Self.tiny.values()).encode("abc").map(\.id) == [258])
    #expect(
      try TokenizerFactory.make(from: TinyVocabulary.sentencePiece(Self.pieces)).encode("a").map(\.id) == [6])
  }

  @Test("a broken byte-level vocabulary is refused by the name of the key", arguments: bytePairCases)
  func bytePair(one: Case) {
    refuses(Self.tiny.values([one.key: one.value]), naming: one.named)
  }

  static let pieces: [(String, Int64, Float)] = [
    ("<unk>", 2, 0), ("<s>", 3, 0), ("</s>", 3, 0), ("<0x0A>", 6, 0), ("▁", 1, -1), ("a", 1, -2),
    ("▁a", 1, -3),
  ]

  @Test(
    "a byte token that is not one byte is refused",
    arguments: [
      "<0x-1>", "<0x+F>", "<0xG0>", "<0x>", "<0x100>", "<0x0A", "0x0A", "<0x 1>", "<0x0a>", "< 0x1>",
      "<0X0A>", "b",
      "", "<0x٣٤>", "<0x1>", "<0x00 >",
    ])
  func byteTokens(spelling: String) {
    refuses(TinyVocabulary.sentencePiece(Self.pieces + [(spelling, 6, 0)]), naming: "tokenizer.ggml.tokens")
  }

  static let sentencePieceCases: [Case] = [
    Case("scores", .floats([1, 2])), Case("scores", .strings([])),
    Case("scores", .floats([])),
    Case("scores", .floats([0, 0, 0, 0, .nan, 0, 0])),
    Case("token_type", .ints([3])), Case("add_space_prefix", .int(1)),
    Case("remove_extra_whitespaces", .string([])), Case("unknown_token_id", .bool(false)),
  ]

  // Each with the default that llama.cpp uses for it.
  static let idsOutside: [(key: String, value: MetadataValue, bos: TokenID?, eos: TokenID?)] = [
    ("bos_token_id", .int(7), 1, 2), ("bos_token_id", .uint(1 << 31), 1, 2), ("bos_token_id", .int(-2), 1, 2),
    ("bos_token_id", .uint(.max), 1, 2), ("eos_token_id", .int(.min), 1, 2), ("eos_token_id", .int(-1), 1, 2),
    ("eot_token_id", .int(1 << 40), 1, 2), ("unknown_token_id", .int(7), 1, 2),
    ("padding_token_id", .uint(1 << 63), 1, 2),
  ]

  @Test("an id outside the vocabulary is set aside for the default", arguments: idsOutside.indices)
  func outside(index: Int) throws {
    let (key, value, bos, eos) = Self.idsOutside[index]
    let tokenizer = try TokenizerFactory.make(
      from: TinyVocabulary.sentencePiece(Self.pieces, ["tokenizer.ggml." + key: value]))
    #expect(tokenizer.beginningOfSequence == bos && tokenizer.endOfSequence == eos)
    #expect(tokenizer.unknown == 0 && tokenizer.padding == nil && tokenizer.endOfGeneration == [2])
    #expect(tokenizer.setAside.count == 1 && tokenizer.setAside[0].hasPrefix("tokenizer.ggml.\(key) is "))
  }

  @Test(
    "types and scores beyond the last piece are left out, unknown types are normal, and scores may be absent")
  func longLists() throws {
    let changes: [[String: MetadataValue?]] = [
      ["tokenizer.ggml.scores": .floats([0, 0, 0, 0, -1, -2, -3, 9, 9])],
      ["tokenizer.ggml.token_type": .ints([2, 3, 3, 6, 7, -1, .max, 3])],
      ["tokenizer.ggml.scores": nil],
    ]
    for change in changes {
      let tokenizer = try TokenizerFactory.make(from: TinyVocabulary.sentencePiece(Self.pieces, change))
      #expect(tokenizer.vocabularySize == 7)
      #expect(try tokenizer.encode("a a").map(\.id) == [6, 6])
    }
  }

  @Test("a broken SentencePiece vocabulary is refused by the name of the key", arguments: sentencePieceCases)
  func sentencePiece(one: Case) {
    refuses(TinyVocabulary.sentencePiece(Self.pieces, [one.key: one.value]), naming: one.named)
  }

  @Test("what published files get wrong without harm is accepted")
  func tolerated() throws {
    let tiny = TinyVocabulary(specials: [("<s>", 3), ("", 3), ("", 1)])
    let tokenizer = try TokenizerFactory.make(
      from: tiny.values([
        "tokenizer.ggml.padding_token_id": .int(99_999),
        "tokenizer.ggml.eot_token_id": .uint(UInt64(UInt32.max)),
        "tokenizer.ggml.bos_token_id": .int(-1),
        "tokenizer.ggml.scores": .floats([Float](repeating: -.infinity, count: 259)),
      ]))
    #expect(tokenizer.padding == nil && tokenizer.beginningOfSequence == 11)
    #expect(try tokenizer.encode("<s>", special: .all).map(\.id) == [256])
  }

  @Test("a special piece over the limit is refused")
  func longSpecial() {
    let long = String(repeating: "x", count: Limits.specialPieceBytes + 1)
    refuses(TinyVocabulary(specials: [(long, 3)]).values(), naming: "tokenizer.ggml.tokens")
  }

  @Test("merges of pieces that are not in the vocabulary fall apart into bytes")
  func absentMerges() throws {
    let tokenizer = try TinyVocabulary(words: ["abc"], merges: ["a b", "ab c", "x y", "q zz"]).bytePair()
    func text(_ text: String) throws -> [String] {
      try tokenizer.encode(text).map { String(decoding: tokenizer.piece($0.id), as: UTF8.self) }
    }
    #expect(try text("abc") == ["abc"])
    #expect(try text("ab") == ["a", "b"])
    #expect(try text("abxy") == ["a", "b", "x", "y"])
  }

  @Test("characters without pieces are byte tokens, or one unknown token for a run of them")
  func unknown() throws {
    let tokenizer = try TokenizerFactory.make(from: TinyVocabulary.sentencePiece(Self.pieces))
    let tokens = try tokenizer.encode("a\nбв\u{1F600}a")
    #expect(tokens.map(\.id) == [6, 3, 0, 5])
    #expect(tokens.map(\.range) == [0..<1, 1..<2, 2..<10, 10..<11])
  }

  @Test("spaces are trimmed and joined where the file says so, and prefixed unless it says not")
  func spaces() throws {
    let trims = try TokenizerFactory.make(
      from: TinyVocabulary.sentencePiece(
        Self.pieces, ["tokenizer.ggml.remove_extra_whitespaces": .bool(true)]))
    #expect(try trims.encode("  a   a  ").map(\.id) == [6, 6])
    #expect(try trims.encode("    ").isEmpty)
    let plain = try TokenizerFactory.make(
      from: TinyVocabulary.sentencePiece(Self.pieces, ["tokenizer.ggml.add_space_prefix": .bool(false)]))
    #expect(try plain.encode("a a").map(\.id) == [5, 6])
    #expect(plain.text(of: [6]) == " a")
  }

  @Test("random changes to a small file load or are refused, and what loads encodes")
  func mutations() throws {
    var random = SplitMix(seed: 11)
    let tiny = TinyVocabulary(
      specials: [("<s>", 3), ("<u>", 4)], words: ["ab", "abc"], merges: ["a b", "ab c"])
    let text = Array("abc <s><u>\u{1F999} abab\n".utf8) + [0xFF, 0xC3]
    for round in 0..<Effort.scaled(2_000, debug: 40) {
      var pieces = tiny.pieces.map { Array($0.utf8) }
      var types = tiny.types
      var merges = tiny.merges.map { Array($0.utf8) }
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0..<pieces.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
          pieces[place] = (0..<Int.random(in: 0..<5, using: &random)).map { _ in
            .random(in: 0...255, using: &random)
          }
        case 1: types[place] = Int64.random(in: 0...6, using: &random)
        case 2: merges.append((0..<3).map { _ in .random(in: 32...40, using: &random) })
        case 3: pieces[place] = pieces[place] + [UInt8.random(in: 0...255, using: &random)]
        default:
          merges.append(pieces[place] + [32] + pieces[Int.random(in: 0..<pieces.count, using: &random)])
        }
      }
      let isSentencePiece = round % 2 == 0
      let metadata = tiny.values([
        "tokenizer.ggml.model": .string(Array((isSentencePiece ? "llama" : "gpt2").utf8)),
        "tokenizer.ggml.tokens": .strings(pieces), "tokenizer.ggml.token_type": .ints(types),
        "tokenizer.ggml.merges": .strings(merges),
        "tokenizer.ggml.scores": .floats(pieces.map { _ in Float(Int.random(in: -3...0, using: &random)) }),
      ])
      guard let tokenizer = try? TokenizerFactory.make(from: metadata) else { continue }
      let tokens = (try? tokenizer.encode(text, special: .all)) ?? []
      for token in tokens { #expect(token.id.index < pieces.count && token.range.upperBound <= text.count) }
      _ = tokenizer.text(of: tokens.map(\.id), skipSpecial: false)
    }
  }
}

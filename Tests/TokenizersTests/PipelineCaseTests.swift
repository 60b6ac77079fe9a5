import Testing
import Tokens

@testable import Tokenizers

/// Single components of a tokenizer.json, and SentencePiece's normalization, against the references
/// (`Fixtures/record_cases.py`).
struct PipelineCaseTests {
  /// What a line of the recording says.
  struct Case {
    var name: String
    var json: String
    var text: String
    var ids: [TokenID]
    var ranges: [Range<Int>]
    var decoded: String
  }

  static let recorded = Result {
    var json = ""
    return try Fixtures.cases("pipelines").map { fields -> Case in
      guard fields.count == 6 else { throw Fixtures.Failure(message: "a case has \(fields.count) fields") }
      if !fields[1].isEmpty { json = fields[1] }
      let ranges = fields[4].split(separator: " ").map { pair -> Range<Int> in
        let ends = pair.split(separator: "-").compactMap { Int($0) }
        return ends[0]..<ends[1]
      }
      return Case(
        name: fields[0], json: json, text: fields[2],
        ids: fields[3].split(separator: " ").compactMap { Int32($0) }.map { TokenID(rawValue: $0) },
        ranges: ranges, decoded: fields[5])
    }
  }

  @Test("each component gives the ids and the text that the reference gives")
  func components() throws {
    let cases = try Self.recorded.get()
    #expect(cases.count == 159 && Set(cases.map(\.name)).count == 50)
    for one in cases {
      let tokenizer = try TokenizerFile.make(from: Array(one.json.utf8))
      let tokens = try tokenizer.encode(one.text, special: .all)
      let ids = tokenizer.prefix + tokens.map(\.id) + tokenizer.suffix
      #expect(ids == one.ids, "\(one.name): \(one.text.debugDescription)")
      #expect(tokenizer.text(of: ids) == one.decoded, "\(one.name): \(one.text.debugDescription)")
    }
  }

  @Test("a stream of tokens gives the text that they decode to together")
  func streams() throws {
    for one in try Self.recorded.get() {
      let tokenizer = try TokenizerFile.make(from: Array(one.json.utf8))
      var decoder = StreamDecoder(tokenizer)
      let text = one.ids.map { decoder.push($0) }.joined() + decoder.finish()
      #expect(text == one.decoded, "\(one.name)")
    }
  }

  @Test("tokens that are found in a text as it is have the reference's ranges, stripped white space included")
  func ranges() throws {
    let unchanged = try Self.recorded.get().filter { $0.json.contains(#""added_tokens": [{"#) }
    #expect(unchanged.count > 30)
    for one in unchanged {
      let tokens = try TokenizerFile.make(from: Array(one.json.utf8)).encode(one.text, special: .all)
      #expect(tokens.map(\.range) == one.ranges, "\(one.name): \(one.text.debugDescription)")
    }
  }

  @Test("special tokens are text where they are not asked for, and other added tokens are found all the same")
  func parsing() throws {
    let cases = try Self.recorded.get()
    let special = try #require(cases.first { $0.name == "special tokens are skipped in decoding" })
    let tokenizer = try TokenizerFile.make(from: Array(special.json.utf8))
    #expect(try tokenizer.encode("<s>a<s>", special: .none).map(\.id) == [0])
    #expect(try tokenizer.encode("<s>a<s>", special: .within([4..<7])).map(\.id) == [0, 7])
    let added = try #require(cases.first { $0.name == "an added token is found inside a word" })
    let other = try TokenizerFile.make(from: Array(added.json.utf8))
    #expect(try other.encode("cat", special: .none).map(\.id) == [0, 7])
  }

  @Test("a text becomes SentencePiece's normal form")
  func normalization() throws {
    let cases = try Fixtures.cases("normalizer")
    #expect(cases.count == 120)
    var files: [String: SentencePieceFile] = [:]
    for fields in cases {
      let name = fields[0]
      if files[name] == nil {
        files[name] = try Fixtures.unpacked("files/\(name).model.xz").withUnsafeBufferPointer { buffer in
          try SentencePieceFile(buffer)
        }
      }
      let file = try #require(files[name])
      let own = file.pieces.indices.filter { file.kinds[$0] == .userDefined }.map {
        (file.pieces[$0], Int32($0))
      }
      let normalizer = SentencePieceNormalizer(
        map: try CharacterMap(file.charsmap), userDefined: own.isEmpty ? nil : ByteTrie(own),
        addsDummyPrefix: file.addsDummyPrefix, removesExtraSpaces: file.removesExtraSpaces,
        treatsSpaceAsSuffix: file.treatsSpaceAsSuffix)
      let text = Array(fields[1].utf8)
      let normal = try text.withUnsafeBufferPointer { buffer in
        try normalizer.normalize(buffer, 0..<buffer.count, addsPrefix: true)
      }
      let marked = String(decoding: normal.bytes, as: UTF8.self).replacing(" ", with: "▁")
      #expect(marked == fields[2], "\(name): \(fields[1].debugDescription)")
      for index in 0..<normal.count {
        #expect(normal.source(index) <= normal.source(index + 1) && normal.source(index + 1) <= text.count)
      }
    }
  }
}

import ModelFormats
import Testing
import Tokens

@testable import Tokenizers

/// Roles of tokens and the reading of "▁" against llama.cpp (`Fixtures/record_roles.py`, `Fixtures/record_marks.py`).
struct RoleReferenceTests {
  private static func metadata(_ model: String, _ pieces: [(String, Int64)], _ ids: [String: UInt64])
    -> Metadata
  {
    var metadata = Metadata()
    metadata.add("tokenizer.ggml.model", .string(Array(model.utf8)))
    metadata.add("tokenizer.ggml.pre", .string(Array("gpt-2".utf8)))
    metadata.add("tokenizer.ggml.tokens", .strings(pieces.map { Array($0.0.utf8) }))
    metadata.add("tokenizer.ggml.token_type", .ints(pieces.map(\.1)))
    metadata.add("tokenizer.ggml.scores", .floats(pieces.indices.map { -Float($0) }))
    metadata.add("tokenizer.ggml.merges", .strings([]))
    for (key, id) in ids { metadata.add("tokenizer.ggml.\(key)_token_id", .uint(id)) }
    return metadata
  }

  private static func items(_ field: String) -> [String] {
    field.split(separator: "\u{1F}").map(String.init)
  }

  private static func ids(_ field: String) -> [Int] { field.split(separator: " ").compactMap { Int($0) } }

  @Test("the ends of a generation, BOS, EOS and control tokens are llama.cpp's, whatever ids a file names")
  func roles() throws {
    let cases = try Fixtures.cases("roles")
    #expect(cases.count == 500)
    for fields in cases {
      let pieces = Self.items(fields[1]).map { (String($0.dropFirst()), Int64($0.prefix(1)) ?? 0) }
      var named: [String: UInt64] = [:]
      for item in Self.items(fields[2]) {
        let parts = item.split(separator: "=")
        named[String(parts[0])] = UInt64(parts[1])
      }
      let values = Self.metadata(fields[0], pieces, named)
      let tokenizer = try TokenizerFactory.make(from: values)
      #expect(tokenizer.endOfGeneration.map(\.index).sorted() == Self.ids(fields[3]), "\(fields)")
      let ends = [tokenizer.beginningOfSequence, tokenizer.endOfSequence].map { $0?.index ?? -1 }
      #expect(ends == Self.ids(fields[4]), "\(fields)")
      let controls = pieces.indices.filter { tokenizer.kind(of: TokenID($0)) == .control }
      #expect(controls == Self.ids(fields[5]), "\(fields)")
      let outside = named.filter { $0.value >= UInt64(pieces.count) }
      #expect(tokenizer.setAside.count == outside.count, "\(tokenizer.setAside)")
      for key in outside.keys {
        #expect(tokenizer.setAside.contains { $0.hasPrefix("tokenizer.ggml.\(key)_token_id is ") })
      }
    }
  }

  @Test("an id that is no integer is an error, and a flag that asks for a missing token is set aside")
  func wrongTypes() throws {
    let pieces = [("<unk>", Int64(2)), ("a", 1)]
    for value in [MetadataValue.string([49]), .bool(true), .float(1), .ints([1])] {
      var values = Self.metadata("llama", pieces, [:])
      values.add("tokenizer.ggml.eos_token_id", value)
      #expect(throws: TokenizerError.wrongType(key: "tokenizer.ggml.eos_token_id", expected: "an integer")) {
        try TokenizerFactory.make(from: values)
      }
    }
    var values = Self.metadata("gpt2", pieces, [:])
    values.add("tokenizer.ggml.add_bos_token", .bool(true))
    values.add("tokenizer.ggml.add_eos_token", .bool(true))
    let tokenizer = try TokenizerFactory.make(from: values)
    #expect(!tokenizer.addsBeginningOfSequence && !tokenizer.addsEndOfSequence)
    #expect(tokenizer.setAside.count == 2)
  }

  @Test("\"▁\" in a text beside spaces gives llama.cpp's ids")
  func marks() throws {
    var tokenizer: (any Tokenizer)?
    let control: [(String, Int64)] = [("<unk>", 2), ("<s>", 3), ("</s>", 3)]
    let bytes = (0..<256).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return ("<0x\(digits.count < 2 ? "0" : "")\(digits)>", Int64(6))
    }
    let cases = try Fixtures.cases("marks")
    #expect(cases.count == 4004)
    for fields in cases {
      if fields[0] == "V" {
        let pieces = control + bytes + Self.items(fields[1]).map { ($0, 1) }
        tokenizer = try TokenizerFactory.make(from: Self.metadata("llama", pieces, [:]))
      } else {
        let ids = try #require(tokenizer).encode(fields[1]).map(\.id.index)
        #expect(ids == Self.ids(fields[2]), "\(fields[1].debugDescription)")
      }
    }
  }
}

import ModelFormats
import Runtime
import Sampling
import TestSupport
import Testing
import Tokens

@testable import Pipeline
@testable import Tokenizers

/// What a file or a request makes long stays within a bound that has a name.
@Suite("Answers that grow") struct GrowingAnswerTests {
  private func metadata(_ values: [(String, MetadataValue)]) -> Metadata {
    var metadata = Metadata()
    for (key, value) in values { metadata.add(key, value) }
    return metadata
  }

  private static func text(_ count: Int) -> MetadataValue { .string([UInt8](repeating: 0x78, count: count)) }

  @Test("Metadata of any number of keys and pieces is shown within the limit, and says how much is not")
  func metadataTable() {
    let pieces = MetadataValue.strings((0..<262_144).map { Array("piece \($0)".utf8) })
    let short = MetadataText.table(metadata([("tokenizer.ggml.tokens", pieces), ("a", .int(1))]))
    #expect(short.count == 2 && short["tokenizer.ggml.tokens"]?.hasSuffix("(262144 elements)]") == true)
    let many = metadata((0..<2_000).map { ("general.key\($0)", Self.text(5_000)) })
    let table = MetadataText.table(many)
    let bytes = table.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    #expect(bytes <= PipelineLimits.metadataBytes + 100)
    #expect(
      table["general.key0"] != nil && table["…"]?.hasPrefix("\(2_000 - table.count + 1) more keys") == true)
  }

  @Test("A file's templates are taken up to their number and size; the others are set aside")
  func templates() {
    let key = "tokenizer.chat_template"
    let many = CheckpointTemplates(metadata((0..<5_000).map { ("\(key).variant\($0)", Self.text(10)) }))
    #expect(many.templates.count == PipelineLimits.ownTemplates && many.setAside.count == 1)
    let long = CheckpointTemplates(
      metadata(
        [(key, Self.text(300 << 10)), ("\(key).good", Self.text(9))]
          + (0..<9).map { ("\(key).\(String(repeating: "n", count: 200))\($0)", Self.text(9)) }))
    #expect(long.templates.map(\.name) == ["good"])
    #expect(long.setAside.count == 1 && long.setAside[0].contains("256 KiB"))
    let usual = CheckpointTemplates(metadata([(key, Self.text(9)), ("\(key).tool_use", Self.text(9))]))
    #expect(usual.templates.map(\.name) == ["default", "tool_use"] && usual.setAside.isEmpty)
  }

  @Test("A sampling sequence of any length is read up to a limit, and its names are shown shortened")
  func sequence() {
    let key = "general.sampling.sequence"
    for name in ["top_k", "nosuch", String(repeating: "long", count: 10_000)] {
      let names = [String](repeating: name, count: 20_000).joined(separator: ";")
      let read = FileSampling(metadata([(key, .string(Array(names.utf8)))]))
      #expect((read.settings.order ?? []).count <= PipelineLimits.sequenceNames + 1)
      #expect(read.setAside.reduce(0) { $0 + $1.utf8.count } < 64 << 10)
      #expect(read.setAside.first?.contains("20000 names") == true)
    }
  }

  /// Two tokens of 60,000 bytes.
  private func longPieces() throws -> any Tokenizer {
    let (a, b) = (String(repeating: "a", count: 60_000), String(repeating: "b", count: 60_000))
    return try TokenizerFile.make(
      from: Array(
        #"{"pre_tokenizer":{"type":"Whitespace"},"model":{"type":"WordLevel","vocab":{"\#(a)":0,"\#(b)":1},"unk_token":"\#(a)"}}"#
          .utf8))
  }

  @Test("Token ids that decode to more than an answer holds are refused by the name of the limit")
  func decoded() throws {
    let tokenizer = try longPieces()
    let few = try DecodedText([0, 1, 0], of: tokenizer, skipSpecial: true)
    #expect(few.bytes.count == 180_002)
    let error = #expect(throws: WorkbenchError.self) {
      try DecodedText([TokenID](repeating: 1, count: 1_000), of: tokenizer, skipSpecial: true)
    }
    #expect(error?.kind == .outOfRange && error?.message.contains("56 MiB (decodedBytes)") == true)
  }

  @Test("A text whose tokens take more than an answer holds is refused by the name of the limit")
  func tokens() throws {
    let tokenizer = try longPieces()
    let text = String(repeating: "x ", count: 4_000)
    let all = try tokenizer.encode(text)
    #expect(try TextToken.list(Array(all.prefix(10)), of: tokenizer).count == 10)
    let error = #expect(throws: WorkbenchError.self) { try TextToken.list(all, of: tokenizer) }
    #expect(error?.kind == .outOfRange && error?.message.contains("224 MiB (tokensBytes)") == true)
  }

  @Test("Spellings of control tokens are found for each span in one pass")
  func spellings() {
    var ranges = [0..<3, 3..<6, 7..<10, 12..<15, 20..<23, 30..<33][...]
    #expect(RenderedText.take(&ranges, in: 0..<5) == [0..<3])
    #expect(RenderedText.take(&ranges, in: 5..<14) == [7..<10])
    #expect(RenderedText.take(&ranges, in: 14..<14) == [])
    #expect(RenderedText.take(&ranges, in: 20..<40) == [20..<23, 30..<33])
    // With every span looking at every spelling this would take hours.
    let count = 400_000
    var many = (0..<count).map { ($0 * 4)..<($0 * 4 + 3) }[...]
    let found = (0..<count).reduce(0) { $0 + RenderedText.take(&many, in: ($1 * 4)..<($1 * 4 + 4)).count }
    #expect(found == count)
  }
}

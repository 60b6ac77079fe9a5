import Foundation
import ModelFormats
import Runtime
import Sampling
import TestSupport
import Testing
import Tokenizers
import Tokens

@testable import Pipeline

@Suite struct SequenceBreakerTests {
  static let model = ProcessInfo.processInfo.environment["WORKBENCH_TEST_MODEL"]

  /// Cases that `Tests/SamplingTests/Fixtures/generate_llama.py` recorded from llama.cpp on the default model's vocabulary,
  /// which was given the texts below.
  struct Recorded: Decodable {
    struct Stage: Decodable {
      var stage: String
    }
    struct Case: Decodable {
      var world: [Int32]
      var breakers: [[Int32]]
    }
    struct Cases: Decodable {
      var stage: String
      var cases: [Case]
    }
    var stages: [Cases]

    enum CodingKeys: String, CodingKey { case stages }

    init(from decoder: any Decoder) throws {
      var list = try decoder.container(keyedBy: CodingKeys.self).nestedUnkeyedContainer(forKey: .stages)
      stages = []
      while !list.isAtEnd {
        let element = try list.superDecoder()
        if try Stage(from: element).stage == "dry_breakers" { stages.append(try Cases(from: element)) }
      }
    }
  }

  static let recordedTexts = ["\n", ":", ". T"]

  private func tokenizer() throws -> any Tokenizer {
    try TokenizerFactory.make(from: ModelFile.open(path: try #require(Self.model)).metadata)
  }

  @Test(
    "Texts become the token lists that llama.cpp makes of them, for every token of its recorded cases",
    .enabled(if: model != nil, "needs WORKBENCH_TEST_MODEL, which make test sets"))
  func reference() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("SamplingTests/Fixtures/llama.json.xz")
    let recorded = try JSONDecoder().decode(Recorded.self, from: PackedFile.contents(of: path.path))
    let cases = recorded.stages.flatMap(\.cases)
    #expect(cases.count >= 200)
    let sequences = try SequenceBreakers.sequences(of: Self.recordedTexts, in: tokenizer())
    for (number, example) in cases.enumerated() {
      let world = Set(example.world)
      let found = Set(sequences.map { $0.map(\.rawValue) }.filter { world.contains($0[0]) })
      #expect(found == Set(example.breakers), "case \(number)")
    }
  }

  @Test("The default is llama.cpp's, and a request says its own texts", .enabled(if: model != nil))
  func defaults() throws {
    let tokenizer = try tokenizer()
    let breakers = try SequenceBreakers(tokenizer)
    let dry = try #require(breakers.registry.descriptor(named: "dry"))
    let parameter = try #require(dry.parameters.first { $0.name == "dry_sequence_breakers" })
    guard case .sequences(let sequences) = parameter.defaultValue else {
      Issue.record("no token lists")
      return
    }
    for text in ["\n", ":", "\"", "*", "\n\n"] {
      let ids = try tokenizer.encode(text).map(\.id)
      #expect(ids.count == 1 && sequences.contains(ids), "\(text)")
    }
    #expect(!sequences.contains(try tokenizer.encode(" the").map(\.id)))
    var settings = SamplerSettings()
    settings.sequenceBreakers = ["###"]
    let own = try breakers.resolve(settings)
    guard case .sequences(let lists)? = own.values[.drySequenceBreakers] else {
      Issue.record("no token lists")
      return
    }
    // Each list spells the text, whatever its first token has around it.
    for list in lists {
      #expect(String(decoding: tokenizer.decode(list, skipSpecial: false), as: UTF8.self).contains("###"))
    }
    #expect(lists.count > 1 && !lists.contains(sequences[0]))
    settings.sequenceBreakers = []
    #expect(try breakers.resolve(settings).values[.drySequenceBreakers] == .sequences([]))
    settings.chain = [.init("dry"), .init("top_k")]
    settings.sequenceBreakers = [":"]
    let chain = try #require(try breakers.resolve(settings).chain)
    #expect(chain[0].parameters["dry_sequence_breakers"] != nil && chain[1].parameters.isEmpty)
    settings.chain = [.init("top_k")]
    #expect(throws: SamplingError.self) { try breakers.resolve(settings) }
    for wrong in [[""], [String(repeating: "x", count: 41)], [String](repeating: "x", count: 65)] {
      settings.sequenceBreakers = wrong
      #expect(throws: SamplingError.self) { try breakers.resolve(settings) }
    }
  }

  @Test(
    "A text overlaps a word that contains it, or that ends as it begins",
    arguments: [
      ("ab", "ab", [2]), ("ab", "xxabyy", [2]), ("ab", "xxa", [1]), ("ab", "ba", [1]), ("ab", "b", []),
      ("aab", "xaa", [2, 1]), ("aab", "aaab", [3]), ("aab", "", []), ("abab", "xabab", [4]),
      ("abab", "aba", [3, 1]),
    ])
  func overlaps(text: String, word: String, lengths: [Int]) {
    #expect(SequenceBreakers.overlaps(of: Array(text.utf8), with: Array(word.utf8)) == lengths)
  }
}

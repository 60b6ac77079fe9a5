import Concurrency
import Synchronization
import Testing
import Tokens

@testable import Tokenizers

/// Long work lets others have their turn all along, and stops when nobody wants it any more.
struct WorkSliceTests {
  /// What counts how often work may pause, and from which time on it is not wanted.
  private final class Boundary: Sendable {
    let calls = Atomic(0)
    let wanted: Int

    init(wanted: Int = .max) {
      self.wanted = wanted
    }

    func call() -> Bool { calls.add(1, ordering: .relaxed).newValue <= wanted }
  }

  static let files = [
    "bl-plain.json", "sp-llama.json", "sp-meta-first.json", "uni-pre.json", "uni-nmt.json", "wp-uncased.json",
    "wl-space.json", "uni-nmt.model", "bpe-nmt.model", "bpe-user.model", "uni-nosplit.model",
  ]

  private func encode(_ tokenizer: any Tokenizer, _ text: [UInt8], _ boundary: Boundary) throws -> [Token] {
    try WorkSlices.withBoundary({ boundary.call() }) { try tokenizer.encode(text, special: .all) }
  }

  /// Words, and one line without a space.
  static let texts = [
    String(repeating: "It was the best of times, 12 ", count: 1_000),
    String(repeating: "abcdefgh", count: 4_000),
  ]

  private func check(_ tokenizer: any Tokenizer, _ name: String) throws {
    for text in Self.texts {
      let bytes = Array(text.utf8)
      let expected = try tokenizer.encode(bytes, special: .all)
      let counting = Boundary()
      #expect(try encode(tokenizer, bytes, counting) == expected, "\(name)")
      let calls = counting.calls.load(ordering: .relaxed)
      // The word-level model looks a whole line up at once, and a line may have nothing to merge.
      let least = text.contains(" ") ? bytes.count / Limits.sliceBytes / 2 : name.hasPrefix("wl") ? 0 : 1
      #expect(calls >= least, "\(name): \(calls)")
      guard calls > 0 else { continue }
      for wanted in [0, calls / 2] {
        #expect(throws: TokenizerError.stopped, "\(name), \(wanted) of \(calls)") {
          _ = try encode(tokenizer, bytes, Boundary(wanted: wanted)).count
        }
      }
    }
  }

  @Test("every family of tokenizer files", arguments: files)
  func eachFile(name: String) throws {
    try check(try TokenizerFile.make(from: try Fixtures.unpacked("files/\(name).xz")), name)
  }

  @Test("every family of GGUF vocabularies", arguments: ["gpt2", "llama", "bert", "t5", "gemma4"])
  func eachVocabulary(model: String) throws {
    try TokenizerFolderTests.withFolder(["x.gguf": SmallGGUF.vocabulary(model)]) { folder in
      try check(try TokenizerFile.open(path: "\(folder)/x.gguf"), model)
    }
  }

  @Test("a comparison of many short lines")
  func comparison() throws {
    let tokenizer = try TokenizerFile.make(from: try Fixtures.unpacked("files/bl-plain.json.xz"))
    let lines = [String](repeating: "It was the best of times", count: 1_000)
    let boundary = Boundary(wanted: 2)
    #expect(throws: TokenizerError.stopped) {
      try WorkSlices.withBoundary({ boundary.call() }) {
        _ = try TokenizerComparison(tokenizer, tokenizer, lines: lines)
      }
    }
  }
}

import Foundation
import Runtime
import Sampling
import TestSupport
import Testing
import Tokens

@testable import Pipeline

/// Compares with what lm-evaluation-harness and llama.cpp gave for the same weights; see `Fixtures/record_scores.py`.
///
/// Beside quantised weights both sides round activations, each in its own way, so that single tokens of a quantised file
/// differ by some hundredths between the two, and from what either would give without rounding. The right measure for
/// scores is therefore the same weights in single precision: as a file, where both sides must agree, and as what a
/// quantised file is compared with, to which this code must be no farther than llama.cpp.
@Suite("Scores of a real model against llama.cpp", .serialized)
struct ReferenceScoreTests {
  struct Reference: Decodable {
    struct Pair: Decodable {
      var contextText: String
      var text: String
      var context: [Int32]
      var tokens: [Int32]
      var logprobs: [Float]
      var fileLogprobs: [Float]
      var greedy: [Bool]
    }
    struct Window: Decodable {
      /// Tokens before the scored ones.
      var context: Int
      var tokens: [Int32]
      var logprobs: [Float]
      var fileLogprobs: [Float]
      var greedy: [Bool]
    }
    struct Document: Decodable {
      var length: Int?
      var overlap: Int
      var windows: [Window]
    }
    var pairs: [Pair]
    var document: String
    var documentWindows: [Document]
  }

  static let path = ProcessInfo.processInfo.environment["WORKBENCH_TEST_MODEL"]
  static let reason: Comment =
    "WORKBENCH_TEST_MODEL is not set: it names the file SmolLM2-135M-Instruct.Q4_1.gguf"

  let reference: Reference
  /// Holds the weights in single precision.
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
    let url = try #require(Bundle.module.url(forResource: "scores", withExtension: "json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    reference = try decoder.decode(Reference.self, from: Data(contentsOf: url))
  }

  /// Weights as the file has them, or in single precision.
  enum Weights: CaseIterable, Sendable { case file, widened }

  private func load(_ weights: Weights = .file) throws -> Pipeline {
    let path = try #require(Self.path)
    guard weights == .widened else { return try load(path) }
    let wide = scratch.file("wide.gguf")
    let conversion = try Conversion(path: path, type: "f32", refusesLinks: false)
    #expect(FileManager.default.createFile(atPath: wide, contents: nil))
    let handle = try #require(FileHandle(forWritingAtPath: wide))
    while let piece = try conversion.next() { try handle.write(contentsOf: piece) }
    try handle.close()
    return try load(wide)
  }

  private func load(_ path: String) throws -> Pipeline {
    var source = ModelSource(path: path)
    source.contextLength = 2048
    return try Pipeline.load(source) { _ in }
  }

  /// Differences of log-probabilities from exact ones.
  private struct Differences {
    var sum = 0.0
    var absolute = 0.0
    var largest = 0.0
    /// The sum of llama.cpp's, with the file.
    var peer = 0.0
    var count = 0
    var greedy = 0

    mutating func add(_ found: [ScoredToken], _ exact: [Float], _ peer: [Float], _ greedy: [Bool]) {
      #expect(found.count == exact.count)
      for (index, token) in found.enumerated() {
        let difference = Double((token.logprob ?? .nan) - exact[index])
        sum += difference
        absolute += abs(difference)
        largest = max(largest, abs(difference))
        self.peer += Double(abs(peer[index] - exact[index]))
        count += 1
        if token.isLikeliest == greedy[index] { self.greedy += 1 }
      }
    }
  }

  @Test(
    "Pairs split into the harness's tokens, and their log-probabilities agree",
    .enabled(if: path != nil, reason), arguments: Weights.allCases)
  func pairs(weights: Weights) async throws {
    let pipeline = try load(weights)
    var differences = Differences()
    for pair in reference.pairs {
      var job = ScoreJob(
        model: "m",
        input: .continuations([.text(pair.text)], after: .text(pair.contextText), truncates: false))
      job.parseSpecial = true
      job.topLogprobs = 0
      let scores = try await Scores.collect(pipeline.score(job))
      #expect(scores.start?.contextTokens == pair.context.count, "\(pair.contextText)")
      let score = try #require(scores.texts.first)
      #expect(score.scored.map(\.id.rawValue) == pair.tokens, "\(pair.contextText) + \(pair.text)")
      differences.add(score.scored, pair.logprobs, pair.fileLogprobs, pair.greedy)
      #expect(score.isGreedy == score.scored.allSatisfy(\.isLikeliest))
      #expect(abs(score.logprob - score.scored.reduce(0) { $0 + Double($1.logprob ?? .nan) }) < 1e-9)
      // The same as token ids.
      job.input = .continuations(
        [.tokens(pair.tokens.map { TokenID(rawValue: $0) })],
        after: .tokens(pair.context.map { TokenID(rawValue: $0) }), truncates: false)
      #expect(try await Scores.collect(pipeline.score(job)).texts.first?.scored == score.scored)
    }
    check("pairs", weights, differences)
  }

  @Test(
    "Documents are cut into the harness's windows, and their log-probabilities agree",
    .enabled(if: path != nil, reason), arguments: Weights.allCases)
  func documents(weights: Weights) async throws {
    let pipeline = try load(weights)
    var differences = Differences()
    // In single precision, windows that overlap would take long and show nothing more.
    for expected in reference.documentWindows where weights == .file || expected.overlap == 1 {
      var windows = ScoreJob.Windows()
      windows.length = expected.length
      windows.overlap = expected.overlap
      var job = ScoreJob(model: "m", input: .document(.text(reference.document), windows))
      job.topLogprobs = 0
      let scores = try await Scores.collect(pipeline.score(job))
      try #require(scores.texts.count == expected.windows.count)
      for (score, window) in zip(scores.texts, expected.windows) {
        #expect(score.scored.map(\.id.rawValue) == window.tokens)
        differences.add(score.scored, window.logprobs, window.fileLogprobs, window.greedy)
      }
      #expect(scores.finish?.tokens == scores.start?.tokens)
    }
    check("documents", weights, differences)
  }

  /// Expects differences no larger than rounding makes them.
  private func check(_ name: String, _ weights: Weights, _ differences: Differences) {
    let count = Double(differences.count)
    print(
      "\(name), \(weights): mean difference \(differences.sum / count), absolute "
        + "\(differences.absolute / count) (llama.cpp with the file \(differences.peer / count)), largest "
        + "\(differences.largest) of \(differences.count) tokens, \(differences.greedy) alike in being greedy"
    )
    switch weights {
    case .file:
      #expect(abs(differences.sum / count) < 0.02)
      // On a few tokens one or the other is nearer by chance.
      #expect(differences.absolute <= 1.25 * differences.peer)
      #expect(Double(differences.greedy) >= 0.95 * count)
    case .widened:
      // Keys and values are halves on both sides.
      #expect(differences.absolute / count < 0.003)
      #expect(differences.largest < 0.1)
      #expect(differences.greedy == differences.count)
    }
  }

  @Test("A prompt's log-probabilities are those of its document", .enabled(if: path != nil, reason))
  func prompt() async throws {
    let pipeline = try load()
    let text = String(reference.document.prefix(300))
    var options = GenerationOptions()
    options.maxTokens = 1
    options.promptLogprobs = 1
    options.topLogprobs = 1
    options.sampling.temperature = 0
    let answer = try await TinyPipeline.collect(
      pipeline.generate(
        GenerateJob(model: "m", prompt: .text(text, parseSpecial: false, addBOS: nil), options: options)))
    let prompt = try #require(answer.prompt.first)
    #expect(prompt.logprob == nil)
    var job = ScoreJob(model: "m", input: .document(.text(text), .init()))
    job.topLogprobs = 1
    var windows = ScoreJob.Windows()
    windows.first = prompt.id
    let ids = answer.prompt.dropFirst().map(\.id)
    job.input = .document(.tokens(ids), windows)
    let scores = try await Scores.collect(pipeline.score(job))
    #expect(scores.texts.first?.scored == Array(answer.prompt.dropFirst()))
    // And the answer's own token is what a score of it says.
    let token = try #require(answer.tokens.first)
    job.input = .continuations(
      [.tokens([token.id])], after: .tokens(answer.prompt.map(\.id)), truncates: false)
    let score = try #require(try await Scores.collect(pipeline.score(job)).texts.first)
    #expect(score.scored.first?.logprob == token.logprob && score.isGreedy)
  }
}

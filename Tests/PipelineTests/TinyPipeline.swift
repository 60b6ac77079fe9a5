import Chat
import Runtime
import Sampling
import TestSupport

@testable import Pipeline

/// A tiny model, loaded.
struct TinyPipeline {
  let folder: TemporaryFolder
  let pipeline: Pipeline

  init(_ configure: (inout TinyModel) -> Void = { _ in }) throws {
    folder = try TemporaryFolder()
    let path = folder.file("tiny.gguf")
    try TinyModel.write(to: path, configure)
    pipeline = try Pipeline.load(ModelSource(path: path)) { _ in }
  }

  /// An answer's parts: what was written, how it ended, and the ids.
  struct Answer {
    var start: GenerationStart?
    var text = ""
    var tokens: [GeneratedToken] = []
    var prompt: [ScoredToken] = []
    var finish: GenerationFinish?
  }

  static func collect(_ stream: GenerationStream) async throws -> Answer {
    var answer = Answer()
    for try await event in stream {
      switch event {
      case .start(let start): answer.start = start
      case .chunk(let chunk):
        answer.text += chunk.text
        answer.tokens += chunk.tokens
        answer.prompt += chunk.prompt
      case .finish(let finish): answer.finish = finish
      }
    }
    return answer
  }

  /// The likeliest continuation of a text.
  func generate(_ text: String, _ configure: (inout GenerationOptions) -> Void = { _ in }) async throws
    -> Answer
  {
    var options = GenerationOptions()
    options.sampling.temperature = 0
    options.ignoreEnd = true
    options.maxTokens = 12
    configure(&options)
    return try await Self.collect(
      pipeline.generate(
        GenerateJob(model: "m", prompt: .text(text, parseSpecial: false, addBOS: nil), options: options)))
  }
}

/// The parts of a scoring.
struct Scores {
  var start: ScoreStart?
  /// In the order of their indices.
  var texts: [ContinuationScore] = []
  var finish: ScoreFinish?

  static func collect(_ events: ScoreEvents) async throws -> Scores {
    var scores = Scores()
    for try await event in events {
      switch event {
      case .start(let start): scores.start = start
      case .text(let text): scores.texts.append(text)
      case .finish(let finish): scores.finish = finish
      }
    }
    scores.texts.sort { $0.index < $1.index }
    return scores
  }
}

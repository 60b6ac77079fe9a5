import Runtime
import TestSupport
import Testing

@testable import Pipeline

@Suite("Answers that are too large for one message") struct AnswerPartTests {
  /// More tokens than one message takes with 20 alternatives each.
  private static let text = String(repeating: "Hello the world, ", count: 1200)

  @Test("A long prompt's log-probabilities come in parts, before the first token of the answer") func prompt()
    async throws
  {
    let tiny = try TinyPipeline { $0.context = 16_384 }
    var options = GenerationOptions()
    options.promptLogprobs = 20
    options.maxTokens = 2
    options.ignoreEnd = true
    let job = GenerateJob(
      model: "m", prompt: .text(Self.text, parseSpecial: false, addBOS: nil), options: options)
    var parts: [[ScoredToken]] = []
    var (tokens, promptTokens) = (0, 0)
    for try await event in try tiny.pipeline.generate(job) {
      switch event {
      case .start(let start): promptTokens = start.promptTokens
      case .chunk(let chunk):
        #expect(chunk.prompt.isEmpty || tokens == 0 && chunk.tokens.isEmpty)
        if !chunk.prompt.isEmpty { parts.append(chunk.prompt) }
        tokens += chunk.tokens.count
      case .finish: break
      }
    }
    #expect(parts.count > 1 && tokens == 2)
    #expect(parts.joined().count == promptTokens)
    #expect(parts.joined().filter { $0.logprob == nil }.count == 1 && parts[0][0].logprob == nil)
    for part in parts {
      #expect(part.dropLast().reduce(0) { $0 + $1.messageBytes } < PipelineLimits.partBytes)
    }
  }

  @Test("A long window's tokens come in parts under its index, and the sums with the last") func window()
    async throws
  {
    let tiny = try TinyPipeline { $0.context = 16_384 }
    var job = ScoreJob(model: "m", input: .document(.text(Self.text), .init()))
    let whole = try #require(try await Scores.collect(tiny.pipeline.score(job)).texts.first)
    #expect(whole.scored.isEmpty && !whole.isPartial)
    job.topLogprobs = 20
    let scores = try await Scores.collect(tiny.pipeline.score(job))
    let parts = scores.texts
    #expect(parts.count > 1 && parts.allSatisfy { $0.index == 0 })
    #expect(parts.map(\.isPartial) == Array(repeating: true, count: parts.count - 1) + [false])
    let last = try #require(parts.last)
    #expect(last.tokens == whole.tokens && last.isGreedy == whole.isGreedy)
    let scored = parts.flatMap(\.scored)
    #expect(scored.count == whole.tokens)
    #expect(last.logprob == scored.reduce(0.0) { $0 + Double($1.logprob ?? 0) })
    #expect(scores.finish?.tokens == whole.tokens)
  }

  @Test("A rendering whose parts have long names is refused when no message holds it") func rendering() throws
  {
    let span = RenderedText.Span(range: 0..<1, origin: String(repeating: "k", count: 1 << 20))
    let small = RenderedText(text: "a", spans: [span], tokens: [])
    #expect(try small.bounded() == small)
    let large = RenderedText(text: "a", spans: Array(repeating: span, count: 224), tokens: [])
    let error = #expect(throws: WorkbenchError.self) { try large.bounded() }
    #expect(error?.kind == .outOfRange && error?.message.contains("224 MiB (renderedBytes)") == true)
  }
}

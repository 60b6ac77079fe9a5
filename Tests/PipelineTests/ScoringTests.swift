import Chat
import Runtime
import TestSupport
import Testing
import Tokens

@testable import Pipeline

@Suite("Scores of texts, with a tiny model") struct ScoringTests {
  private func job(
    _ context: ScoreJob.Context, _ continuations: [ScoreJob.Text], truncates: Bool = false
  ) -> ScoreJob {
    var job = ScoreJob(
      model: "m", input: .continuations(continuations, after: context, truncates: truncates))
    job.topLogprobs = 2
    return job
  }

  private func ids(_ score: ContinuationScore) -> [Int] { score.scored.map(\.id.index) }

  private func tokens(_ pipeline: Pipeline, _ text: String, bos: Bool = true) throws -> [TokenID] {
    try pipeline.tokenize(Array(text.utf8), addSpecial: bos, parseSpecial: false).map(\.id)
  }

  @Test(
    "Continuations get what they add to the context, with spaces at its end; sums come with tokens or without"
  )
  func continuations() async throws {
    let pipeline = try TinyPipeline().pipeline
    let texts = ["the world", " the world", "!"]
    let found = try await Scores.collect(
      pipeline.score(job(.text("Hello "), texts.map { .text($0) })))
    let context = try tokens(pipeline, "Hello")
    #expect(found.start?.model == "m" && found.start?.template == "" && found.start?.texts == 3)
    #expect(found.start?.contextTokens == context.count)
    for (text, score) in zip(texts, found.texts) {
      let whole = try tokens(pipeline, "Hello \(text)")
      #expect(score.scored.map(\.id) == Array(whole.dropFirst(context.count)))
      #expect(score.tokens == score.scored.count)
      #expect(score.scored.allSatisfy { $0.alternatives.count == 2 && ($0.logprob ?? 1) <= 0 })
      #expect(
        score.scored.allSatisfy { ($0.alternatives[0].id == $0.id) == $0.isLikeliest },
        "the likeliest alternative")
    }
    #expect(found.finish?.tokens == found.texts.reduce(0) { $0 + $1.tokens })
    #expect(found.finish?.logprob == found.texts.reduce(0) { $0 + $1.logprob })
    var sums = job(.text("Hello "), texts.map { .text($0) })
    sums.topLogprobs = nil
    let other = try await Scores.collect(pipeline.score(sums))
    #expect(other.texts.map(\.logprob) == found.texts.map(\.logprob))
    #expect(other.texts.allSatisfy { $0.scored.isEmpty })
    #expect(other.finish?.cachedTokens == 0, "so short a context is computed again")
  }

  @Test("Without a context, texts are scored after BOS, once") func empty() async throws {
    let pipeline = try TinyPipeline().pipeline
    var job = job(.text(""), [.text("Hello"), .text("<s>Hello")])
    job.parseSpecial = true
    let found = try await Scores.collect(pipeline.score(job))
    let hello = try tokens(pipeline, "Hello", bos: false)
    #expect(found.start?.contextTokens == 1)
    #expect(found.texts[0].scored.map(\.id) == hello)
    // BOS is the context; the text after it keeps its own tokens.
    #expect(found.texts[1].scored.first?.id.index != TinyVocabulary.bos)
    let spaces = try await Scores.collect(pipeline.score(self.job(.text("  "), [.text("Hello")])))
    #expect(spaces.start?.contextTokens == 1)
    #expect(spaces.texts[0].scored.map(\.id) == Array(try tokens(pipeline, "  Hello").dropFirst()))
  }

  @Test("Messages are scored after their rendered prompt, whose spaces stay where they are") func chat()
    async throws
  {
    let pipeline = try TinyPipeline().pipeline
    var template = TemplateSource(
      name: "t", source: "{{ messages[0].content }}</s>\n", origin: .client)
    template.version = 4
    let input = PromptInput(messages: [Message(role: "user", content: "a</s>b")])
    let found = try await Scores.collect(
      pipeline.score(job(.chat(input, template), [.text("the"), .text("</s>")])))
    let prompt = try pipeline.render(RenderJob(input: input, template: template)).tokens
    #expect(found.start?.template == "t" && found.start?.templateVersion == 4)
    #expect(found.start?.contextTokens == prompt.count)
    #expect(found.texts[0].scored.allSatisfy { $0.id.index != TinyVocabulary.eos })
    #expect(
      found.texts[1].scored.allSatisfy { !$0.isSpecial && $0.id.index != TinyVocabulary.eos },
      "an answer cannot write a control token")
    let again = try await Scores.collect(
      pipeline.score(job(.tokens(prompt), [.tokens(found.texts[0].scored.map(\.id))])))
    #expect(again.texts[0].scored == found.texts[0].scored)
  }

  @Test(
    "An answer has no end of the turn behind it, so that a longer one that begins with it is no more probable"
  )
  func openEnd() async throws {
    let pipeline = try TinyPipeline().pipeline
    let template = TemplateSource(name: "t", source: "{{ messages[0].content }}</s>\n", origin: .client)
    let input = PromptInput(messages: [Message(role: "user", content: "the")])
    let found = try await Scores.collect(
      pipeline.score(job(.chat(input, template), [.text("the"), .text("the world")])))
    let ids = found.texts.map { $0.scored.map(\.id) }
    #expect(ids[1].starts(with: ids[0]) && ids[1].count > ids[0].count)
    #expect(ids.joined().allSatisfy { $0.index != TinyVocabulary.eos })
    #expect(Array(found.texts[1].scored.prefix(ids[0].count)) == found.texts[0].scored)
    #expect(found.texts[1].logprob < found.texts[0].logprob)
  }

  @Test("A token that the vocabulary lacks is reported with its text") func unknownToken() throws {
    let pipeline = try TinyPipeline().pipeline
    func refusal(_ context: [TokenID], _ texts: [[TokenID]]) -> String? {
      #expect(throws: WorkbenchError.self) {
        _ = try pipeline.score(job(.tokens(context), texts.map { .tokens($0) }))
      }?.message
    }
    #expect(
      refusal([1], [[2], [3, 70_000]])?.hasPrefix("token 70000 at index 1 of continuations[1] is") == true)
    #expect(refusal([70_000], [[2]])?.hasPrefix("token 70000 at index 0 of the context is") == true)
  }

  @Test("A text after token ids has the tokens of a text that goes on") func mixed() async throws {
    let pipeline = try TinyPipeline().pipeline
    let found = try await Scores.collect(
      pipeline.score(job(.tokens([1, 20]), [.text("he"), .tokens([5, 6])])))
    #expect(found.texts.map(\.tokens) == [1, 2])
  }

  @Test("A context that is too long is refused, or loses its beginning as far as each text needs")
  func truncation() async throws {
    let pipeline = try TinyPipeline { $0.context = 32 }.pipeline
    let context = (0..<30).map { TokenID(100 + $0) }
    let texts: [ScoreJob.Text] = [
      .tokens([1, 2, 3]), .tokens([4, 5, 6, 7, 8, 9]), .tokens([10]), .tokens([11, 12, 13, 14]),
    ]
    let refusal = #expect(throws: WorkbenchError.self) {
      _ = try pipeline.score(job(.tokens(context), texts))
    }
    #expect(refusal?.kind == .outOfRange && refusal?.field == "continuations.continuations[1]")
    let found = try await Scores.collect(pipeline.score(job(.tokens(context), texts, truncates: true)))
    #expect(found.texts.map(\.index) == [0, 1, 2, 3] && found.start?.contextTokens == 30)
    #expect(found.start?.texts == 4 && found.start?.tokens == 14 && found.finish?.tokens == 14)
    for (index, text) in texts.enumerated() {
      guard case .tokens(let ids) = text else { continue }
      let kept = Array(context.suffix(33 - ids.count))
      let alone = try await Scores.collect(pipeline.score(job(.tokens(kept), [text])))
      #expect(alone.texts[0].scored == found.texts[index].scored)
    }
    let long = #expect(throws: WorkbenchError.self) {
      let text = ScoreJob.Text.tokens([TokenID](repeating: 5, count: 33))
      _ = try pipeline.score(job(.tokens([1]), [text], truncates: true))
    }
    #expect(long?.kind == .outOfRange)
  }

  @Test("A document of any length is scored token by token, each once", arguments: [nil, 1, 5, 16])
  func document(length: Int?) async throws {
    let pipeline = try TinyPipeline { $0.context = 64 }.pipeline
    let tokens = (0..<150).map { TokenID(3 + ($0 * 7) % 250) }
    for overlap in [1, 3, 16] where overlap <= length ?? 64 {
      var windows = ScoreJob.Windows()
      windows.length = length
      windows.overlap = overlap
      var job = ScoreJob(model: "m", input: .document(.tokens(tokens), windows))
      job.topLogprobs = 0
      let found = try await Scores.collect(pipeline.score(job))
      #expect(found.texts.flatMap { $0.scored.map(\.id) } == tokens)
      #expect(found.start?.tokens == 150 && found.finish?.tokens == 150 && found.start?.contextTokens == 0)
      // The first window as a continuation of BOS.
      let first = min(length ?? 64, 150)
      var alone = ScoreJob(
        model: "m",
        input: .continuations(
          [.tokens(Array(tokens[..<first]))], after: .tokens([TokenID(TinyVocabulary.bos)]), truncates: false)
      )
      alone.topLogprobs = 0
      #expect(try await Scores.collect(pipeline.score(alone)).texts[0].scored == found.texts[0].scored)
    }
  }

  @Test("What cannot be scored names the field") func refused() throws {
    let pipeline = try TinyPipeline { $0.context = 64 }.pipeline
    func refusal(_ input: ScoreJob.Input, top: Int? = nil) -> WorkbenchError? {
      var job = ScoreJob(model: "m", input: input)
      job.topLogprobs = top
      do {
        _ = try pipeline.score(job)
        return nil
      } catch {
        return error as? WorkbenchError
      }
    }
    var tooLong = ScoreJob.Windows()
    tooLong.length = 65
    var wide = ScoreJob.Windows()
    wide.overlap = 65
    var outside = ScoreJob.Windows()
    outside.first = 300
    let none = ScoreJob.Text.tokens([])
    let many = [ScoreJob.Text](repeating: .tokens([5]), count: 65_537)
    let list = "continuations.continuations"
    for (input, kind, field) in [
      (.continuations([], after: .text("a"), truncates: false), .invalidArgument, list),
      (.continuations(many, after: .text("a"), truncates: false), .invalidArgument, list),
      (
        .continuations([.text("b"), .text("")], after: .text("a"), truncates: false), .invalidArgument,
        list + "[1]"
      ),
      (.continuations([none], after: .text("a"), truncates: false), .invalidArgument, list + "[0]"),
      (.continuations([.text("")], after: .text(""), truncates: false), .invalidArgument, list + "[0]"),
      (
        .continuations([.tokens([1, 300])], after: .text("a"), truncates: false), .invalidArgument,
        list + "[0].tokens.ids"
      ),
      (
        .continuations([.text("b")], after: .tokens([]), truncates: false), .invalidArgument,
        "continuations.tokens"
      ),
      (
        .continuations([.text("b")], after: .tokens([-1]), truncates: false), .invalidArgument,
        "continuations.tokens.ids"
      ),
      (.document(.text(""), .init()), .invalidArgument, "document.text"),
      (.document(.tokens([999]), .init()), .invalidArgument, "document.text.tokens.ids"),
      (.document(.text("a"), tooLong), .outOfRange, "document.window_tokens"),
      (.document(.text("a"), wide), .outOfRange, "document.overlap_tokens"),
      (.document(.text("a"), outside), .invalidArgument, "document.first_token"),
    ] as [(ScoreJob.Input, WorkbenchError.Kind, String)] {
      let error = refusal(input)
      #expect(error?.kind == kind && error?.field == field, "\(field): \(error as Any)")
    }
    #expect(refusal(.document(.text("a"), .init()), top: 21)?.field == "top_logprobs")
    // What would keep the worker busy for hours is refused before it begins.
    var overlapping = ScoreJob.Windows()
    overlapping.overlap = 64
    let document = [TokenID](repeating: 5, count: (1 << 20) + 65)
    let windows = refusal(.document(.tokens(document), overlapping))
    #expect(windows?.kind == .outOfRange && windows?.field == "document.overlap_tokens")
    let long = String(repeating: "Hello ", count: 10_000)
    let texts = [ScoreJob.Text](repeating: .text("!"), count: 5000)
    let encoded = refusal(.continuations(texts, after: .text(long), truncates: true))
    #expect(encoded?.kind == .outOfRange && encoded?.field == list)
  }

  @Test("A scoring does not depend on its company, nor on what the cache holds") func company() async throws {
    let tiny = try TinyPipeline()
    let job = job(.text("Hello the world, Hello the world"), ["a", "the he", " on!"].map { .text($0) })
    let alone = try await Scores.collect(tiny.pipeline.score(job))
    for round in 0..<3 {
      async let first = tiny.generate("Hello the world, Hello \(round)") { $0.maxTokens = 40 }
      async let second = Scores.collect(tiny.pipeline.score(job))
      async let third = Scores.collect(
        tiny.pipeline.score(
          ScoreJob(model: "m", input: .document(.text(String(repeating: "Hello ", count: 300)), .init()))))
      #expect(try await second.texts == alone.texts)
      _ = try await (first, third)
    }
  }

  @Test("A prompt's log-probabilities come once, before the first token or with the end") func prompt()
    async throws
  {
    let tiny = try TinyPipeline()
    let answer = try await tiny.generate("Hello the world") { $0.promptLogprobs = 3 }
    let tokens = try tokens(tiny.pipeline, "Hello the world")
    #expect(answer.prompt.map(\.id) == tokens)
    #expect(answer.prompt[0].logprob == nil && answer.prompt[0].alternatives.isEmpty)
    #expect(answer.prompt.dropFirst().allSatisfy { $0.alternatives.count == 3 && $0.logprob != nil })
    let again = try await tiny.generate("Hello the world") { $0.promptLogprobs = 3 }
    #expect(again.prompt == answer.prompt && again.tokens.map(\.id) == answer.tokens.map(\.id))
    #expect(try await tiny.generate("Hello the world").prompt.isEmpty)
    let error = await #expect(throws: WorkbenchError.self) {
      _ = try await tiny.generate("Hello") { $0.promptLogprobs = 21 }
    }
    #expect(error?.field == "options.prompt_logprobs")
  }
}

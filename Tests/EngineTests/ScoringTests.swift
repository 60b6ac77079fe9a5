import Glibc
import Inference
import Sampling
import Synchronization
import Testing
import Tokens

@testable import Engine

/// The log-probability of a token after a history, computed without an engine.
private func logprob(of token: TokenID, after history: [TokenID]) -> Float {
  let row = FakeModel.logits(after: history, vocabularySize: 97)
  let largest = row.max() ?? 0
  return row[token.index] - largest - Float(log(row.reduce(0.0) { $0 + exp(Double($1 - largest)) }))
}

/// What scoring a text after a context must give.
private func expectedScores(_ context: [TokenID], _ text: ScoringRequest.Text) -> [(TokenID, Float)] {
  (text.firstScored..<text.tokens.count).map { index in
    (text.tokens[index], logprob(of: text.tokens[index], after: context + text.tokens[..<index]))
  }
}

private func collect(_ stream: ScoreStream) async throws(EngineError) -> [TextScore] {
  var scores: [TextScore] = []
  while let score = try await stream.next() { scores.append(score) }
  return scores
}

private func check(_ scores: [TextScore], _ request: ScoringRequest) {
  #expect(scores.map(\.index) == Array(request.texts.indices))
  for score in scores {
    let expected = expectedScores(request.context, request.texts[score.index])
    #expect(score.tokens.map(\.token) == expected.map(\.0))
    #expect(zip(score.tokens, expected).allSatisfy { abs($0.logprob - $1.1) < 1e-5 }, "text \(score.index)")
  }
}

private func texts(_ lengths: [Int], seed: Int = 100) -> [ScoringRequest.Text] {
  lengths.enumerated().map { ScoringRequest.Text(prompt(seed + $0, $1)) }
}

@Suite struct ScoringTests {
  @Test(
    "Scores are those of each text alone, in order, with the context computed once",
    arguments: [
      [1], [1, 1, 1], [5, 1, 3, 1], [1, 40, 1, 700, 1, 1], [Int](repeating: 3, count: 300), [2000],
    ])
  func continuations(lengths: [Int]) async throws {
    let model = FakeModel()
    let engine = try Engine(model: model)
    let request = ScoringRequest(context: prompt(1, 90), texts: texts(lengths))
    let stream = try engine.score(request)
    check(try await collect(stream), request)
    #expect(stream.finish?.reason == .scored && stream.finish?.promptTokens == 90)
    let calls = model.script.withLock { $0.calls }
    // The last token of a text is never run.
    #expect(calls.reduce(0) { $0 + $1.counts.reduce(0, +) } == 90 + lengths.reduce(0) { $0 + $1 - 1 })
    #expect(calls.reduce(0) { $0 + $1.scored } == lengths.reduce(0) { $0 + $1 - 1 })
    #expect(model.script.withLock { $0.violations }.isEmpty)
    await engine.settled()
    #expect(engine.status.cacheUsed <= 92 + 4, "only the context is kept")
    await engine.shutdown()
  }

  @Test("Texts of their own context are scored from the token that is asked for")
  func windows() async throws {
    let model = FakeModel()
    let engine = try Engine(model: model)
    let windows = [(10, 1), (30, 29), (600, 300), (2, 1)].enumerated().map { index, window in
      ScoringRequest.Text(prompt(50 + index, window.0), firstScored: window.1)
    }
    let request = ScoringRequest(context: [], texts: windows)
    check(try await collect(engine.score(request)), request)
    #expect(model.script.withLock { $0.violations }.isEmpty)
    await engine.shutdown()
  }

  @Test("A later request finds its context in the cache")
  func reuse() async throws {
    let engine = try Engine(model: FakeModel())
    let context = prompt(1, 200)
    let first = ScoringRequest(context: context, texts: texts([4, 5]))
    check(try await collect(engine.score(first)), first)
    let second = ScoringRequest(context: context + prompt(2, 10), texts: texts([3]))
    let stream = try engine.score(second)
    check(try await collect(stream), second)
    #expect(stream.finish?.cachedPromptTokens == 200)
    var fresh = second
    fresh.cacheable = false
    let other = try engine.score(fresh)
    #expect(try await collect(other).map(\.tokens) == collect(engine.score(second)).map(\.tokens))
    #expect(other.finish?.cachedPromptTokens == 0)
    await engine.shutdown()
  }

  @Test(
    "When the cache has the whole context, its last token is run again beside the texts, in one step",
    arguments: [[1], [1, 1], [5, 1, 3], [Int](repeating: 3, count: 40)])
  func cachedContext(lengths: [Int]) async throws {
    let model = FakeModel()
    let engine = try Engine(model: model)
    let request = ScoringRequest(context: prompt(1, 90), texts: texts(lengths))
    check(try await collect(engine.score(request)), request)
    let before = model.script.withLock { $0.calls.count }
    let stream = try engine.score(request)
    check(try await collect(stream), request)
    #expect(stream.finish?.cachedPromptTokens == 90)
    let calls = model.script.withLock { $0.calls[before...] }
    #expect(calls.map(\.counts) == [[1] + lengths.filter { $0 > 1 }.map { $0 - 1 }])
    #expect(model.script.withLock { $0.violations }.isEmpty)
    await engine.settled()
    #expect(engine.status.cacheUsed <= 92 + 4, "only the context is kept")
    await engine.shutdown()
  }

  @Test("A cached context is scored after wherever it ends, with hardly a page free", arguments: 40...45)
  func tightContext(count: Int) async throws {
    let model = FakeModel(contextLength: 52, cacheCapacity: 52)
    let engine = try Engine(model: model)
    for lengths in [[1, 1], [3, 1, 2], [1, 4]] {
      let request = ScoringRequest(context: prompt(1, count), texts: texts(lengths))
      for _ in 0..<3 {
        let stream = try engine.score(request)
        check(try await collect(stream), request)
        #expect(stream.finish?.reason == .scored)
      }
    }
    #expect(model.script.withLock { $0.violations }.isEmpty)
    await engine.shutdown()
  }

  @Test("A scoring takes the share of one prompt beside streams, and its scores stay the same")
  func company() async throws {
    let gate = Gate()
    let model = FakeModel(gate: gate)
    let engine = try Engine(
      model: model,
      options: options {
        $0.promptTokensBesideDecoding = 32
        $0.bufferedTokens = 200
      })
    let running = try engine.greedyStream(prompt(1, 5), 60)
    await gate.arrival()
    let request = ScoringRequest(context: prompt(2, 100), texts: texts([Int](repeating: 9, count: 100)))
    let scores = try engine.score(request)
    gate.open()
    #expect(try await collect(running).count == 60)
    check(try await collect(scores), request)
    for call in model.script.withLock({ $0.calls })[1..<30] {
      #expect(call.counts[0] == 1 && call.counts.dropFirst().reduce(0, +) <= 32)
    }
    #expect(model.script.withLock { $0.violations }.isEmpty)
    await engine.shutdown()
  }

  @Test("A step begins no more texts than the model takes slots and the cache has pages")
  func bounds() async throws {
    let many = FakeModel()
    let engine = try Engine(model: many, options: options { $0.promptTokensPerStep = 4096 })
    let request = ScoringRequest(context: prompt(1, 30), texts: texts([Int](repeating: 2, count: 1500)))
    check(try await collect(engine.score(request)), request)
    #expect(many.script.withLock { $0.violations }.isEmpty)
    #expect(many.script.withLock { $0.calls.map(\.counts.count).max() } == BatchLimits.slots)
    await engine.shutdown()

    let small = FakeModel(contextLength: 300, cacheCapacity: 400)
    let tight = try Engine(model: small)
    async let beside = collect(tight.greedyStream(prompt(9, 40), 30))
    let scores = try await collect(tight.score(request))
    check(scores, request)
    #expect(try await beside == expected(prompt(9, 40), 30, greedy()))
    await tight.shutdown()
  }

  @Test("A context and a text that fill the whole cache are scored, whatever was kept before")
  func fullCache() async throws {
    let model = FakeModel(contextLength: 400, cacheCapacity: 400)
    let engine = try Engine(model: model)
    _ = try await collect(engine.greedyStream(prompt(5, 200), 20))
    let request = ScoringRequest(context: prompt(1, 200), texts: texts([150, 150]))
    check(try await collect(engine.score(request)), request)
    await engine.shutdown()
  }

  @Test("A scoring that gives up its place to an older stream goes on later, with the same scores")
  func preempted() async throws {
    let gate = Gate()
    let model = FakeModel(contextLength: 450, cacheCapacity: 470, gate: gate)
    let engine = try Engine(
      model: model,
      options: options {
        $0.promptTokensBesideDecoding = 16
        $0.bufferedTokens = 500
      })
    let stream = try engine.greedyStream(prompt(1, 5), 440)
    await gate.arrival()
    let request = ScoringRequest(context: prompt(2, 30), texts: texts([Int](repeating: 41, count: 200)))
    let scores = try engine.score(request)
    gate.open()
    #expect(try await collect(stream) == expected(prompt(1, 5), 440, greedy()))
    check(try await collect(scores), request)
    await engine.settled()
    #expect(engine.status.preemptions > 0 && model.script.withLock { $0.violations }.isEmpty)
    await engine.shutdown()
  }

  @Test("Cancelling frees the sequence; a reader that does not read pauses it")
  func cancel() async throws {
    let model = FakeModel()
    let engine = try Engine(model: model, options: options { $0.bufferedTokens = 2 })
    let request = ScoringRequest(
      context: prompt(1, 20), texts: texts([Int](repeating: 600, count: 50)), cacheable: false)
    let stream = try engine.score(request)
    _ = try await stream.next()
    await engine.settled()
    let steps = engine.status.steps
    #expect(steps < 10, "texts are not scored ahead of the reader")
    stream.cancel()
    await #expect(throws: EngineError.cancelled) { try await stream.next() }
    await engine.settled()
    #expect(engine.status.active == 0 && engine.status.cacheUsed == 0)
    await engine.shutdown()
  }

  @Test("Logits that are not numbers end the request as a fault of the model")
  func badLogits() async throws {
    let model = FakeModel()
    model.script.withLock { $0.poison = prompt(1, 1)[0] }
    let engine = try Engine(model: model)
    for texts in [texts([1]), [ScoringRequest.Text(prompt(3, 9), firstScored: 2)]] {
      let stream = try engine.score(ScoringRequest(context: prompt(1, 5), texts: texts))
      await #expect(throws: EngineError.badLogits) { try await collect(stream) }
    }
    let request = ScoringRequest(context: prompt(2, 5), texts: texts([3]))
    check(try await collect(engine.score(request)), request)
    await engine.shutdown()
  }

  @Test("What cannot be scored is refused")
  func refused() async throws {
    let engine = try Engine(model: FakeModel(contextLength: 100))
    func refusal(_ context: [TokenID], _ texts: [ScoringRequest.Text], _ top: Int? = nil) -> EngineError? {
      do throws(EngineError) {
        _ = try engine.score(ScoringRequest(context: context, texts: texts, topLogprobs: top))
        return nil
      } catch {
        return error
      }
    }
    let good = ScoringRequest.Text([1, 2])
    #expect(refusal([1], [good, .init([])]) == .nothingToScore(text: 1))
    #expect(refusal([1], [.init([1, 2], firstScored: 2)]) == .nothingToScore(text: 0))
    #expect(refusal([], [good]) == .nothingToScore(text: 0))
    #expect(refusal([1], []) == .outOfRange(field: "texts", value: 0, expected: 1...Int.max))
    #expect(refusal([1], [good], 21) == .outOfRange(field: "top_logprobs", value: 21, expected: 0...20))
    #expect(refusal([97], [good]) == .tokenOutOfRange(index: 0, token: 97, vocabularySize: 97))
    #expect(
      refusal([1], [good, .init([5, -1])]) == .tokenOutOfRange(index: 1, token: -1, vocabularySize: 97))
    #expect(refusal(prompt(1, 100), [.init([1])]) == nil, "the last token needs no position")
    #expect(refusal(prompt(1, 100), [good]) == .textTooLong(text: 0, tokens: 102, limit: 101))
    await engine.shutdown()
  }

  @Test(
    "A prompt's scores come with the first token, whatever is in the cache", arguments: [1, 2, 500, 1300])
  func promptScores(count: Int) async throws {
    let model = FakeModel()
    let engine = try Engine(model: model)
    let tokens = prompt(1, count)
    let plain = try await collect(engine.greedyStream(tokens, 3))
    var request = GenerationRequest(prompt: tokens, sampler: try greedy(), maxTokens: 3)
    request.promptLogprobs = 2
    let stream = try engine.submit(request)
    _ = try await stream.next()
    #expect(stream.prompt.map(\.token) == Array(tokens.dropFirst()))
    for (index, score) in stream.prompt.enumerated() {
      #expect(abs(score.logprob - logprob(of: tokens[index + 1], after: Array(tokens[...index]))) < 1e-5)
      #expect(score.top.count == 2 && score.isLikeliest == (score.top[0].token == score.token))
    }
    #expect(try await collect(stream) == Array(plain.dropFirst()))
    await engine.shutdown()
  }

  @Test("The score of a token is bit for bit the same in whatever part of a request it is")
  func sameBits() async throws {
    let engine = try Engine(model: FakeModel())
    let tokens = prompt(1, 60)
    func scores(_ context: Int, _ firstScored: Int) async throws -> [TokenScore] {
      let text = ScoringRequest.Text(Array(tokens[context...]), firstScored: firstScored)
      let request = ScoringRequest(context: Array(tokens[..<context]), texts: [text])
      return try await collect(engine.score(request))[0].tokens
    }
    let whole = try await scores(0, 1)
    #expect(try await scores(1, 0) == whole)
    #expect(try await scores(30, 0) == Array(whole[29...]))
    #expect(try await scores(59, 0) == Array(whole[58...]))
    #expect(try await scores(10, 20) == Array(whole[29...]))
    await engine.shutdown()
  }
}

import Sampling
import Synchronization
import Testing
import Tokens

@testable import Engine

@Suite struct SchedulingTests {
  @Test(arguments: [
    ([5, 5, 5], 15, [5, 5, 5]), ([1000, 3], 100, [97, 3]), ([1000, 1000, 10], 110, [50, 50, 10]),
    ([10, 10, 10], 2, [1, 1, 0]), ([7], 512, [7]), ([], 512, []), ([100, 100], 101, [51, 50]),
  ])
  func promptsShareAStepFairly(wanted: [Int], budget: Int, shares: [Int]) {
    #expect(prefillShares(wanted, budget: budget) == shares)
  }

  @Test func aLongPromptDoesNotStallARunningStream() async throws {
    let gate = Gate()
    let model = FakeModel(gate: gate)
    let engine = try Engine(
      model: model,
      options: options {
        $0.promptTokensBesideDecoding = 32
        $0.bufferedTokens = 200
      })
    let running = try engine.greedyStream(prompt(1, 5), 100)
    await gate.arrival()
    let long = try engine.greedyStream(prompt(2, 2000), 1)
    gate.open()
    #expect(try await collect(running).count == 100)
    #expect(try await collect(long) == expected(prompt(2, 2000), 1, greedy()))
    // After the prompt of the first, every step has its token first and at most 32 prompt tokens beside it.
    for call in model.script.withLock({ $0.calls })[1..<60] {
      #expect(call.counts.count == 2 && call.counts[0] == 1 && call.counts[1] <= 32)
    }
    await engine.shutdown()
  }

  @Test func aShortPromptOvertakesALongOne() async throws {
    let gate = Gate()
    let model = FakeModel(gate: gate)
    let engine = try Engine(model: model, options: options { $0.promptTokensPerStep = 64 })
    let first = try engine.greedyStream(prompt(1, 1), 1)
    await gate.arrival()
    let long = try engine.greedyStream(prompt(2, 1000), 1)
    let short = try engine.greedyStream(prompt(3, 20), 1)
    gate.open()
    #expect(try await collect(first).count == 1)
    #expect(try await collect(short).count == 1)
    #expect(try await collect(long).count == 1)
    #expect(model.script.withLock { $0.calls[1].counts } == [44, 20])
    await engine.shutdown()
  }

  @Test func theNextTurnOfAConversationReusesThePreviousOne() async throws {
    let model = FakeModel()
    let engine = try Engine(model: model)
    let first = try engine.greedyStream(prompt(1, 100), 20)
    let answer = try await collect(first)
    let next = prompt(1, 100) + answer + prompt(2, 30)
    let reused = try engine.greedyStream(next, 20)
    let tokens = try await collect(reused)
    // The last token of the answer was never computed.
    #expect(reused.finish?.cachedPromptTokens == 119)
    let fresh = try engine.greedyStream(next, 20, cacheable: false)
    #expect(try await collect(fresh) == tokens)
    #expect(fresh.finish?.cachedPromptTokens == 0)
    #expect(tokens == (try expected(next, 20, greedy())))
    // A branch from the middle shares only the beginning.
    let branch = Array(next[..<50]) + prompt(3, 30)
    let branched = try engine.greedyStream(branch, 20)
    #expect(try await collect(branched) == expected(branch, 20, greedy()))
    #expect(branched.finish?.cachedPromptTokens == 50)
    await engine.settled()
    #expect(engine.status.cachedTokens == 169)
    await engine.shutdown()
  }

  @Test func aRunningSequenceSharesItsBeginningToo() async throws {
    let model = FakeModel()
    let engine = try Engine(model: model, options: options { $0.bufferedTokens = 1 })
    let start = prompt(1, 200)
    let running = try engine.greedyStream(start, 50)
    let first = try #require(try await running.next())
    let other = try engine.submit(GenerationRequest(prompt: start, sampler: try random(3), maxTokens: 20))
    #expect(try await collect(other) == expected(start, 20, random(3)))
    #expect(other.finish?.cachedPromptTokens == 199)
    #expect(try await [first.token] + collect(running) == expected(start, 50, greedy()))
    await engine.shutdown()
  }

  @Test func keptCachesGiveWayToWhatRuns() async throws {
    let model = FakeModel(contextLength: 400, cacheCapacity: 1000)
    let engine = try Engine(model: model)
    for number in 0..<12 {
      let tokens = try await collect(engine.greedyStream(prompt(number, 300), 10))
      #expect(try tokens == expected(prompt(number, 300), 10, greedy()))
    }
    await engine.settled()
    #expect(engine.status.keptPrefixes >= 1 && engine.status.cacheUsed <= 1000)
    await engine.shutdown()
  }
}

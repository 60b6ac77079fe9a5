import Glibc
import Inference
import Sampling
import Synchronization
import Testing
import Tokens

@testable import Engine

@Suite struct EngineTests {
  @Test func aRequestAloneGivesTheTokensThatModelAndSamplerGive() async throws {
    let model = FakeModel()
    let engine = try Engine(model: model)
    let stream = try engine.submit(
      GenerationRequest(prompt: prompt(1, 700), sampler: try random(7), maxTokens: 40))
    #expect(try await collect(stream) == expected(prompt(1, 700), 40, random(7)))
    let finish = try #require(stream.finish)
    #expect(finish.reason == .maxTokens)
    #expect(finish.promptTokens == 700 && finish.generatedTokens == 40 && finish.cachedPromptTokens == 0)
    #expect(model.script.withLock { $0.calls[0].counts } == [512])
    await engine.shutdown()
  }

  @Test func sixtyFourStreamsTogetherGiveWhatEachGivesAlone() async throws {
    let model = FakeModel()
    let engine = try Engine(model: model)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<64 {
        group.addTask {
          let start = prompt(number, 3 + number * 7 % 200)
          let count = 10 + number % 30
          let stream = try engine.submit(
            GenerationRequest(prompt: start, sampler: try random(number), maxTokens: count))
          let tokens = try await collect(stream)
          #expect(try tokens == expected(start, count, random(number)), "stream \(number)")
        }
      }
      try await group.waitForAll()
    }
    await engine.settled()
    #expect(engine.status.active == 0 && engine.status.waiting == 0)
    #expect(model.script.withLock { $0.violations } == [])
    await engine.shutdown()
  }

  @Test func aThousandReadersThatLeaveAtRandomLeaveNothingBehind() async throws {
    let model = FakeModel()
    let engine = try Engine(
      model: model,
      options: options {
        $0.maxSequences = 16
        $0.maxWaiting = 2000
        $0.keptPrefixes = 0
      })
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<1000 {
        group.addTask {
          guard let stream = try? engine.greedyStream(prompt(number, 1 + number % 40), 12) else { return }
          let read = number % 5
          for _ in 0..<read { _ = try? await stream.next() }
          switch number % 4 {
          case 0: stream.stop()
          case 1: stream.cancel()
          case 2:
            let reader = Task { try? await collect(stream) }
            reader.cancel()
            _ = await reader.value
          default: break
          }
        }
      }
    }
    await engine.settled()
    let status = engine.status
    #expect(status.active == 0 && status.waiting == 0 && status.paused == 0 && status.cacheUsed == 0)
    #expect(model.script.withLock { $0.violations } == [])
    // The places are free: another request is accepted and runs.
    #expect(try await collect(engine.greedyStream(prompt(5, 9), 3)).count == 3)
    await engine.shutdown()
  }

  @Test func aSlowReaderPausesItsOwnSequenceOnly() async throws {
    let model = FakeModel()
    let engine = try Engine(model: model, options: options { $0.bufferedTokens = 4 })
    let slow = try engine.greedyStream(prompt(1, 10), 50)
    for number in 2..<10 {
      #expect(try await collect(engine.greedyStream(prompt(number, 10), 50)).count == 50)
    }
    await engine.settled()
    let before = engine.status
    #expect(before.paused == 1 && before.active == 1)
    // The engine sleeps: nothing more is computed for a reader that does not read.
    await engine.settled()
    #expect(engine.status.steps == before.steps)
    #expect(before.generatedTokens == 8 * 50 + 4)
    #expect(try await collect(slow) == expected(prompt(1, 10), 50, greedy()))
    await engine.shutdown()
  }

  @Test func aPausedSequenceGivesItsPlaceToOnesThatWait() async throws {
    let engine = try Engine(
      model: FakeModel(),
      options: options {
        $0.maxSequences = 1
        $0.bufferedTokens = 4
      })
    let slow = try engine.greedyStream(prompt(1, 30), 50)
    let first = try #require(try await slow.next())
    for number in 2..<6 {
      #expect(
        try await collect(engine.greedyStream(prompt(number, 30), 20))
          == expected(prompt(number, 30), 20, greedy()))
    }
    #expect(engine.status.preemptions > 0)
    #expect(try await [first.token] + collect(slow) == expected(prompt(1, 30), 50, greedy()))
    await engine.shutdown()
  }

  @Test func theSequenceEndsWhenTheContextIsFull() async throws {
    let engine = try Engine(model: FakeModel(contextLength: 64))
    let stream = try engine.greedyStream(prompt(1, 50), nil)
    #expect(try await collect(stream) == expected(prompt(1, 50), 15, greedy()))
    #expect(stream.finish?.reason == .contextFull)
    let exact = try engine.greedyStream(prompt(1, 64), nil)
    #expect(try await collect(exact).count == 1)
    #expect(exact.finish?.reason == .contextFull)
    await engine.shutdown()
  }

  @Test func aCacheSmallerThanTheContextEndsTheSequenceWithAReason() async throws {
    let engine = try Engine(model: FakeModel(contextLength: 4096, cacheCapacity: 64))
    let stream = try engine.greedyStream(prompt(1, 40), nil)
    #expect(try await collect(stream) == expected(prompt(1, 40), 25, greedy()))
    #expect(stream.finish?.reason == .cacheFull)
    await engine.shutdown()
  }

  @Test func sequencesThatDoNotFitTogetherTakeTurnsAndLoseNothing() async throws {
    // Six sequences grow to 400 positions each; the cache holds 500.
    let model = FakeModel(contextLength: 400, cacheCapacity: 500)
    let engine = try Engine(model: model)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<6 {
        group.addTask {
          let tokens = try await collect(engine.greedyStream(prompt(number, 20), nil))
          #expect(try tokens == expected(prompt(number, 20), 381, greedy()), "stream \(number)")
        }
      }
      try await group.waitForAll()
    }
    #expect(model.script.withLock { $0.violations } == [])
    await engine.shutdown()
  }

  @Test func aFullCachePreemptsTheYoungestWhichGoesOnLater() async throws {
    // Admission sets 256 + 64 aside for each; both then grow beyond what there is.
    let gate = Gate()
    let model = FakeModel(contextLength: 400, cacheCapacity: 700, gate: gate)
    let engine = try Engine(model: model, options: options { $0.bufferedTokens = 600 })
    let first = try engine.greedyStream(prompt(1, 10), nil)
    await gate.arrival()
    let second = try engine.greedyStream(prompt(2, 10), nil)
    gate.open()
    #expect(try await collect(first) == expected(prompt(1, 10), 391, greedy()))
    #expect(try await collect(second) == expected(prompt(2, 10), 391, greedy()))
    #expect(engine.status.preemptions > 0)
    await engine.shutdown()
  }

  @Test func stopTokensAndStopEndASequence() async throws {
    let engine = try Engine(model: FakeModel())
    let wanted = try expected(prompt(3, 8), 10, greedy())
    let stream = try engine.submit(
      GenerationRequest(prompt: prompt(3, 8), sampler: try greedy(), stopTokens: [wanted[5]]))
    let end = try #require(wanted.firstIndex(of: wanted[5]))
    #expect(try await collect(stream) == Array(wanted[..<end]))
    #expect(stream.finish?.reason == .stopToken(wanted[5]))

    let stopped = try engine.greedyStream(prompt(3, 8), 500)
    for index in 0..<3 { #expect(try await stopped.next()?.token == wanted[index]) }
    stopped.stop()
    #expect(try await stopped.next() == nil)
    #expect(stopped.finish?.reason == .stopped && stopped.finish?.generatedTokens == 3)
    await engine.shutdown()
  }

  @Test func noTokensAtAllRunsThePromptForLater() async throws {
    let engine = try Engine(model: FakeModel())
    let warm = try engine.greedyStream(prompt(1, 100), 0)
    #expect(try await collect(warm) == [])
    #expect(warm.finish?.reason == .maxTokens && warm.finish?.generatedTokens == 0)
    let stream = try engine.greedyStream(prompt(1, 100), 5)
    #expect(try await collect(stream) == expected(prompt(1, 100), 5, greedy()))
    #expect(stream.finish?.cachedPromptTokens == 99)
    await engine.shutdown()
  }

  @Test func logprobsAreThoseOfTheModel() async throws {
    let engine = try Engine(model: FakeModel())
    let stream = try engine.submit(
      GenerationRequest(prompt: prompt(9, 5), sampler: try random(1), maxTokens: 1, topLogprobs: 3))
    let token = try #require(try await stream.next())
    let row = FakeModel.logits(after: prompt(9, 5), vocabularySize: 97).map(Double.init)
    let sum = row.reduce(0) { $0 + exp(Double($1)) }
    let logprob = try #require(token.logprob)
    #expect(abs(Double(logprob) - (row[token.token.index] - log(sum))) < 1e-5)
    #expect(token.top.map(\.token.index) == Array(row.indices.sorted { row[$0] > row[$1] }[..<3]))
    await engine.shutdown()
  }

  @Test func aTraceTellsHowEachTokenWasPickedAndChangesNone() async throws {
    let engine = try Engine(model: FakeModel())
    let plain = try engine.submit(
      GenerationRequest(prompt: prompt(4, 20), sampler: try random(3), maxTokens: 30, cacheable: false))
    let traced = try engine.submit(
      GenerationRequest(
        prompt: prompt(4, 20), sampler: try random(3), maxTokens: 30, traces: true, cacheable: false))
    for _ in 0..<30 {
      let token = try #require(try await plain.next())
      let same = try #require(try await traced.next())
      #expect(token.trace == nil)
      let trace = try #require(same.trace)
      #expect(same.token == token.token && same.probability == token.probability)
      #expect(trace.stages.first?.before.candidates == 97 && trace.stages.last?.name == "dist")
      #expect(abs((trace.stages.last?.after.probability ?? 0) - Double(token.probability)) < 1e-5)
    }
    await engine.shutdown()
  }

  @Test func theTraceOfAStopTokenComesWithTheEnd() async throws {
    let engine = try Engine(model: FakeModel())
    let wanted = try expected(prompt(3, 8), 1, greedy())
    for traces in [true, false] {
      let stream = try engine.submit(
        GenerationRequest(
          prompt: prompt(3, 8), sampler: try greedy(), stopTokens: Set(wanted), traces: traces))
      #expect(try await stream.next() == nil)
      #expect(stream.finish?.reason == .stopToken(wanted[0]))
      #expect((stream.finish?.trace?.stages.map(\.name) ?? []) == (traces ? ["greedy"] : []))
    }
    await engine.shutdown()
  }
}

import Inference
import Sampling
import Synchronization
import Testing
import Tokens

@testable import Engine

@Suite struct FailureTests {
  @Test func aFailingStepEndsTheStreamsOfItsBatchAndTheEngineLives() async throws {
    let gate = Gate()
    let model = FakeModel(gate: gate)
    let engine = try Engine(model: model)
    let streams = try (0..<3).map { try engine.greedyStream(prompt($0, 5), 5) }
    await gate.arrival()
    let failure = InferenceError.option(name: "x", found: "1", expected: "2")
    model.script.withLock { $0.failures = [failure, failure] }
    gate.open()
    for stream in streams {
      await #expect(throws: EngineError.model(failure)) { try await collect(stream) }
      #expect(stream.finish == nil)
    }
    model.script.withLock { $0.failures = [] }
    #expect(try await collect(engine.greedyStream(prompt(1, 5), 5)) == expected(prompt(1, 5), 5, greedy()))
    await engine.settled()
    #expect(engine.status.active == 0)
    await engine.shutdown()
  }

  @Test func aStepThatDoesNotEndIsToldFromOneThatDoes() async throws {
    let gate = Gate()
    let engine = try Engine(model: FakeModel(gate: gate))
    #expect(engine.isAdvancing(within: .zero))
    let stream = try engine.greedyStream(prompt(1, 5), 5)
    await gate.arrival()
    #expect(!engine.isAdvancing(within: .zero) && engine.isAdvancing)
    gate.open()
    _ = try await collect(stream)
    await engine.settled()
    #expect(engine.isAdvancing)
    await engine.shutdown()
  }

  @Test func aFailingSamplerEndsItsOwnStreamOnly() async throws {
    let model = FakeModel()
    let engine = try Engine(model: model)
    model.script.withLock { $0.poison = 96 }
    let bad = try engine.greedyStream([96, 1, 2], 5)
    let good = try engine.greedyStream([95, 1, 2], 5)
    await #expect(throws: EngineError.self) { try await collect(bad) }
    #expect(try await collect(good) == expected([95, 1, 2], 5, greedy()))
    await engine.shutdown()
  }

  @Test func requestsThatCannotRunAreRefusedWithTheReason() async throws {
    let engine = try Engine(model: FakeModel(contextLength: 64))
    #expect(throws: EngineError.emptyPrompt) { try engine.greedyStream([], 1) }
    #expect(throws: EngineError.promptTooLong(tokens: 65, limit: 64)) {
      try engine.greedyStream(prompt(1, 65), 1)
    }
    #expect(throws: EngineError.tokenOutOfRange(index: 1, token: 97, vocabularySize: 97)) {
      try engine.greedyStream([1, 97], 1)
    }
    #expect(throws: EngineError.tokenOutOfRange(index: 0, token: -1, vocabularySize: 97)) {
      try engine.greedyStream([-1], 1)
    }
    #expect(throws: EngineError.self) { try engine.greedyStream([1], -1) }
    #expect(throws: EngineError.outOfRange(field: "top_logprobs", value: 21, expected: 0...20)) {
      try engine.submit(GenerationRequest(prompt: [1], sampler: try greedy(), topLogprobs: 21))
    }
    #expect(throws: EngineError.outOfRange(field: "max_sequences", value: 0, expected: 1...512)) {
      try Engine(model: FakeModel(), options: options { $0.maxSequences = 0 })
    }
    await engine.shutdown()
  }

  @Test func oneRequestTooManyIsRefusedAndALaterOneIsNot() async throws {
    let gate = Gate()
    let engine = try Engine(
      model: FakeModel(gate: gate),
      options: options {
        $0.maxSequences = 1
        $0.maxWaiting = 2
      })
    let streams = try (0..<3).map { try engine.greedyStream(prompt($0, 5), 5) }
    #expect(throws: EngineError.queueFull(limit: 3)) { try engine.greedyStream(prompt(9, 5), 5) }
    gate.open()
    for stream in streams { #expect(try await collect(stream).count == 5) }
    await engine.settled()
    #expect(try await collect(engine.greedyStream(prompt(9, 5), 5)).count == 5)
    await engine.shutdown()
  }

  @Test func aWaitingRequestThatIsCancelledNeverRuns() async throws {
    let gate = Gate()
    let model = FakeModel(gate: gate)
    let engine = try Engine(model: model, options: options { $0.maxSequences = 1 })
    let first = try engine.greedyStream(prompt(1, 5), 5)
    await gate.arrival()
    let second = try engine.greedyStream(prompt(2, 5), 5)
    second.cancel()
    gate.open()
    await #expect(throws: EngineError.cancelled) { try await collect(second) }
    #expect(try await collect(first).count == 5)
    await engine.settled()
    #expect(engine.status.generatedTokens == 5)
    await engine.shutdown()
  }

  @Test func shutdownEndsEveryStreamWithAnError() async throws {
    let gate = Gate()
    let engine = try Engine(model: FakeModel(gate: gate), options: options { $0.maxSequences = 2 })
    let streams = try (0..<5).map { try engine.greedyStream(prompt($0, 5), 1000) }
    await gate.arrival()
    async let end: Void = engine.shutdown()
    async let again: Void = engine.shutdown()
    gate.open()
    for stream in streams {
      await #expect(throws: EngineError.shutDown) { try await collect(stream) }
    }
    _ = await (end, again)
    #expect(throws: EngineError.shutDown) { try engine.greedyStream([1], 1) }
    #expect(engine.status.active == 0 && engine.status.cacheUsed == 0)
  }

  @Test func anEngineThatIsDroppedEndsItsStreams() async throws {
    let model = FakeModel()
    var engine: Engine<FakeModel>? = try Engine(model: model, options: options { $0.bufferedTokens = 2 })
    let stream = try #require(try engine?.greedyStream(prompt(1, 5), 1000))
    engine = nil
    await #expect(throws: EngineError.shutDown) { try await collect(stream) }
  }

  @Test func aCancelledTaskStopsWaiting() async throws {
    let gate = Gate()
    let engine = try Engine(model: FakeModel(gate: gate))
    let stream = try engine.greedyStream(prompt(1, 5), 5)
    let reader = Task { () throws(EngineError) in try await collect(stream) }
    await gate.arrival()
    reader.cancel()
    await #expect(throws: EngineError.cancelled) { try await reader.value }
    gate.open()
    await engine.settled()
    #expect(engine.status.active == 0)
    await engine.shutdown()
  }
}

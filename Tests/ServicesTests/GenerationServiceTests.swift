import RPC
import RoleTestSupport
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Generation over the API, without a socket and over one") struct GenerationServiceTests {
  private let chat = ProtoChatRequest.with {
    $0.model = "tiny"
    $0.template = "chatml"
    $0.messages = [
      .with {
        $0.role = "user"
        $0.content = "Hello"
      }
    ]
    $0.options.maxTokens = 5
    $0.options.ignoreEnd = true
    $0.options.sampling.temperature = 0
  }

  @Test(
    "A stream is a start, chunks and a finish that agree with each other",
    arguments: TestDaemon.Depth.allCases)
  func shape(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.load()
      let events = try await daemon.all(GenerationMethods.chat, chat)
      let start = try #require(events.first)
      let finish = try #require(events.last)
      #expect(start.hasStart && start.start.model == "tiny" && start.start.template == "chatml")
      #expect(finish.hasFinish && finish.finish.reason == .maxTokens)
      #expect(events.count { $0.hasStart } == 1 && events.count { $0.hasFinish } == 1)
      #expect(events.flatMap(\.tokens).count == 5 && finish.finish.generatedTokens == 5)
      #expect(start.start.promptTokens == finish.finish.promptTokens && start.start.promptTokens > 5)
    }
  }

  @Test("The ids are the same however the client is connected") func equalIDs() async throws {
    var answers: [[UInt32]] = []
    for depth in TestDaemon.Depth.allCases {
      try await TestDaemon.run(depth) { daemon in
        _ = try await daemon.load()
        answers.append(
          try await daemon.all(GenerationMethods.generate, generation()).flatMap(\.tokens).map(\.id))
        answers.append(
          try await daemon.all(GenerationMethods.generate, generation()).flatMap(\.tokens).map(\.id))
      }
    }
    #expect(answers.count == 4 && Set(answers).count == 1 && answers[0].count == 6)
  }

  @Test(
    "A refused request is the status of the call, and names its field", arguments: TestDaemon.Depth.allCases)
  func refused(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.load()
      func status(_ change: (inout ProtoChatRequest) -> Void) async -> RPCError? {
        var request = chat
        change(&request)
        return await daemon.streamStatus(GenerationMethods.chat, request)
      }
      let model = await status { $0.model = "other" }
      #expect(model?.code == .notFound && model?.field == "model")
      let template = await status { $0.template = "none" }
      #expect(template?.code == .notFound && template?.field == "template")
      let preset = await status { $0.options.preset = "none" }
      #expect(preset?.code == .notFound && preset?.field == "options.preset")
      let tokens = await status { $0.options.maxTokens = 0 }
      #expect(tokens?.code == .invalidArgument && tokens?.field == "options.max_tokens")
      let role = await status { $0.messages[0].role = "" }
      #expect(role?.code == .invalidArgument && role?.field == "messages[0].role")
      let topP = await status { $0.options.sampling.topP = 7 }
      #expect(topP?.code == .invalidArgument && topP?.field == "options.sampling.top_p")
      let prompt = await daemon.streamStatus(GenerationMethods.generate, .with { $0.model = "tiny" })
      #expect(prompt?.code == .invalidArgument && prompt?.field == "prompt")
      // Refusals do no harm to the worker.
      #expect(await status { _ in } == nil && daemon.launcher.workers.count == 1)
    }
  }

  @Test("A client that goes away frees the engine", arguments: TestDaemon.Depth.allCases)
  func cancel(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.load { $0.maxSequences = 1 }
      let stream = try await daemon.channel.serverStreaming(
        GenerationMethods.generate, generation(tokens: 200))
      var iterator = stream.makeAsyncIterator()
      #expect(try await iterator.next()?.hasStart == true)
      stream.cancel()
      let isIdle = await eventually {
        let model = try? await daemon.channel.unary(ModelsMethods.get, .with { $0.name = "tiny" }).model
        return model?.engine.activeSequences == 0 && model?.engine.waitingSequences == 0
      }
      #expect(isIdle)
      #expect(try await daemon.all(GenerationMethods.generate, generation()).last?.hasFinish == true)
    }
  }
}

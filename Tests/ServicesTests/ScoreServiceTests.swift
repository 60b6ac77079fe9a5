import RPC
import RoleTestSupport
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Scores over the API, without a socket and over one") struct ScoreServiceTests {
  private let continuations = ProtoScoreRequest.with { request in
    request.model = "tiny"
    request.continuations.text = "Hello the"
    request.continuations.continuations = [" world", "!", " world, Hello"].map { text in
      .with { $0.text = text }
    }
    request.topLogprobs = 1
  }

  @Test("A stream is a start, the scores and a finish that agree", arguments: TestDaemon.Depth.allCases)
  func shape(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.load()
      let events = try await daemon.all(GenerationMethods.score, continuations)
      let start = try #require(events.first?.start)
      let finish = try #require(events.last?.finish)
      let scores = events.flatMap(\.scores)
      #expect(events.count { $0.hasStart } == 1 && events.count { $0.hasFinish } == 1)
      #expect(start.model == "tiny" && start.texts == 3 && start.tokens == finish.tokens)
      #expect(scores.map(\.index) == [0, 1, 2])
      #expect(finish.tokens == scores.reduce(0) { $0 + UInt64($1.tokens) })
      #expect(finish.logprob == scores.reduce(0) { $0 + $1.logprob } && finish.logprob < 0)
      for score in scores {
        #expect(score.scored.count == score.tokens && score.scored.allSatisfy { $0.alternatives.count == 1 })
        #expect(score.greedy == score.scored.allSatisfy(\.greedy))
      }
    }
  }

  @Test("Messages are scored through the template that the request or the model names")
  func chat() async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      _ = try await daemon.load()
      var request = continuations
      request.continuations.chat.messages = [
        .with {
          $0.role = "user"
          $0.content = "Hello"
        }
      ]
      request.continuations.chat.template = "chatml"
      let start = try #require(try await daemon.all(GenerationMethods.score, request).first?.start)
      #expect(start.template == "chatml" && start.templateVersion == 1)
      let rendered = try await daemon.channel.unary(
        TemplatesMethods.render,
        .with {
          $0.model = "tiny"
          $0.name = "chatml"
          $0.messages = request.continuations.chat.messages
        })
      #expect(start.contextTokens == rendered.tokenIds.count)
      request.continuations.chat.template = "none"
      let refused = await daemon.streamStatus(GenerationMethods.score, request)
      #expect(refused?.code == .notFound && refused?.field == "template")
      request.continuations.chat.template = "chatml"
      request.continuations.chat.messages[0].role = ""
      let role = await daemon.streamStatus(GenerationMethods.score, request)
      #expect(role?.field == "continuations.chat.messages[0].role")
    }
  }

  @Test("A document is scored in windows, and a prompt's log-probabilities come with an answer")
  func document() async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      _ = try await daemon.load()
      let request = ProtoScoreRequest.with {
        $0.model = "tiny"
        $0.document.text.tokens.ids = (0..<100).map { 3 + $0 }
        $0.document.windowTokens = 16
        $0.document.overlapTokens = 4
      }
      let events = try await daemon.all(GenerationMethods.score, request)
      #expect(events.flatMap(\.scores).map(\.tokens) == [16, 13, 13, 13, 13, 13, 13, 6])
      #expect(events.last?.finish.tokens == 100)
      var prompt = generation()
      prompt.options.promptLogprobs = 2
      let answer = try await daemon.all(GenerationMethods.generate, prompt)
      let tokens = answer.flatMap(\.prompt)
      #expect(tokens.count == Int(answer.first?.start.promptTokens ?? 0))
      #expect(tokens.first?.hasLogprob == false)
      #expect(tokens.dropFirst().allSatisfy { $0.hasLogprob && $0.alternatives.count == 2 })
      let first = try #require(answer.firstIndex { !$0.prompt.isEmpty })
      #expect(answer[..<first].allSatisfy { $0.tokens.isEmpty }, "before the first token")
    }
  }

  @Test("A refused request is the status of the call, and names its field") func refused() async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      _ = try await daemon.load()
      func status(_ change: (inout ProtoScoreRequest) -> Void) async -> RPCError? {
        var request = continuations
        change(&request)
        return await daemon.streamStatus(GenerationMethods.score, request)
      }
      let list = "continuations.continuations"
      for (field, change) in [
        ("model", { $0.model = "other" }), ("continuations", { $0.input = nil }),
        ("continuations.text", { $0.continuations.context = nil }),
        (list, { $0.continuations.continuations = [] }),
        (list + "[1]", { $0.continuations.continuations[1] = .init() }),
        (list + "[1]", { $0.continuations.continuations[1].text = "" }),
        (list + "[0].tokens.ids", { $0.continuations.continuations[0].tokens.ids = [1 << 31] }),
        (list + "[0].tokens.ids", { $0.continuations.continuations[0].tokens.ids = [70_000] }),
        (list + "[0]", { $0.continuations.text = String(repeating: "Hello ", count: 500) }),
        ("top_logprobs", { $0.topLogprobs = 21 }), ("document.text", { $0.document = .init() }),
        ("document.window_tokens", { $0.document.with("Hello") { $0.windowTokens = 0 } }),
        ("document.window_tokens", { $0.document.with("Hello") { $0.windowTokens = .max } }),
        ("document.overlap_tokens", { $0.document.with("Hello") { $0.overlapTokens = 0 } }),
        ("document.first_token", { $0.document.with("Hello") { $0.firstToken = 70_000 } }),
      ] as [(String, (inout ProtoScoreRequest) -> Void)] {
        let error = await status(change)
        #expect(error?.field == field, "\(field): \(error?.message ?? "no error")")
      }
      // Refusals do no harm to the worker.
      #expect(await status { _ in } == nil && daemon.launcher.workers.count == 1)
    }
  }

  @Test("A client that goes away frees the engine", arguments: TestDaemon.Depth.allCases)
  func cancel(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.load { $0.maxSequences = 1 }
      let request = ProtoScoreRequest.with { request in
        request.model = "tiny"
        request.continuations.text = "Hello"
        request.continuations.continuations = (0..<3000).map { number in
          .with { $0.text = " the world \(number), Hello the world" }
        }
      }
      let stream = try await daemon.channel.serverStreaming(GenerationMethods.score, request)
      var iterator = stream.makeAsyncIterator()
      #expect(try await iterator.next()?.hasStart == true)
      stream.cancel()
      let isIdle = await eventually {
        let model = try? await daemon.channel.unary(ModelsMethods.get, .with { $0.name = "tiny" }).model
        return model?.engine.activeSequences == 0 && model?.engine.waitingSequences == 0
      }
      #expect(isIdle)
      #expect(try await daemon.all(GenerationMethods.score, continuations).last?.hasFinish == true)
    }
  }
}

extension ProtoScoredDocument {
  /// A document of a text, with further fields.
  fileprivate mutating func with(_ text: String, _ change: (inout ProtoScoredDocument) -> Void) {
    self = .init()
    self.text.text = text
    change(&self)
  }
}

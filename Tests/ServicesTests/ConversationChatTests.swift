import Concurrency
import Host
import RPC
import RoleTestSupport
import Runtime
import Services
import State
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Chats in a stored conversation", .timeLimit(.minutes(60))) struct ConversationChatTests {
  private func chat(_ text: String?, tokens: UInt32 = 5) -> ProtoChatRequest {
    .with {
      $0.model = "tiny"
      $0.template = "chatml"
      $0.conversation.conversation = "talk"
      $0.options.maxTokens = tokens
      $0.options.ignoreEnd = true
      $0.options.sampling.temperature = 0
      if let text {
        $0.messages = [
          .with {
            $0.role = "user"
            $0.content = text
          }
        ]
      }
    }
  }

  private func withConversation(
    _ depth: TestDaemon.Depth = .inProcess, context: Int = 256,
    _ body: (TestDaemon) async throws -> Void
  ) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.load(context: context)
      _ = try await daemon.channel.unary(ConversationsMethods.create, .with { $0.name = "talk" })
      try await body(daemon)
    }
  }

  private func get(_ daemon: TestDaemon) async throws -> ProtoGetConversationResponse {
    try await daemon.channel.unary(
      ConversationsMethods.get,
      .with {
        $0.conversation = "talk"
        $0.settled = true
      })
  }

  @Test(
    "Each turn goes on where the one before ended, and the answer is there before the client hears of its end",
    arguments: TestDaemon.Depth.allCases)
  func turns(depth: TestDaemon.Depth) async throws {
    try await withConversation(depth) { daemon in
      let first = try await daemon.all(GenerationMethods.chat, chat("Hello"))
      let end = try #require(first.last?.finish)
      #expect(end.conversation.name == "talk" && end.conversation.messages == 2)
      let stored = try await get(daemon)
      #expect(stored.conversation.version == end.conversation.version)
      #expect(stored.messages.map(\.message.role) == ["user", "assistant"])
      #expect(stored.messages[1].message.content == first.map(\.text).joined())
      let facts = stored.messages[1].answer
      #expect(!stored.messages[0].hasAnswer && !facts.partial && facts.reason == .maxTokens)
      #expect(facts.model == "tiny" && facts.template == "chatml" && facts.generatedTokens == 5)
      let second = try await daemon.all(GenerationMethods.chat, chat("And?"))
      #expect(try await get(daemon).messages.count == 4)
      // The same as if the client had sent all of it.
      var whole = chat("And?")
      whole.clearConversation()
      whole.messages = stored.messages.map(\.message) + whole.messages
      let expected = try await daemon.all(GenerationMethods.chat, whole)
      #expect(second.map(\.text).joined() == expected.map(\.text).joined())
      #expect(second.first?.start.promptTokens == expected.first?.start.promptTokens)
      #expect(expected.last?.finish.hasConversation == false)
    }
  }

  @Test("A question is asked again by keeping the messages before its answer") func again() async throws {
    try await withConversation { daemon in
      _ = try await daemon.all(GenerationMethods.chat, chat("Hello"))
      let before = try await get(daemon)
      var retry = chat(nil)
      retry.conversation.keep = 1
      retry.conversation.ifVersion = before.conversation.version
      _ = try await daemon.all(GenerationMethods.chat, retry)
      let after = try await get(daemon)
      #expect(after.messages.map(\.message) == before.messages.map(\.message))
      let late = await daemon.streamStatus(GenerationMethods.chat, retry)
      #expect(late?.code == .failedPrecondition && late?.field == "if_version")
      #expect(try await get(daemon).messages.map(\.message) == before.messages.map(\.message))
    }
  }

  @Test("A request that is refused leaves the conversation as it was") func refused() async throws {
    try await withConversation { daemon in
      _ = try await daemon.all(GenerationMethods.chat, chat("Hello"))
      let before = try await get(daemon)
      for change: (inout ProtoChatRequest) -> Void in [
        { $0.model = "other" }, { $0.template = "none" }, { $0.options.maxTokens = 0 },
        { $0.messages[0].role = "" }, { $0.conversation.keep = 9 },
        { $0.messages[0].content = String(repeating: "far too long ", count: 5_000) },
        { $0.conversation.conversation = "none" }, { $0.conversation.conversation = "" },
      ] {
        var request = chat("And?")
        change(&request)
        #expect(await daemon.streamStatus(GenerationMethods.chat, request) != nil)
      }
      #expect(try await get(daemon) == before)
    }
  }

  /// A daemon whose worker answers "half an" and then does this.
  private func withHalfAnAnswer(
    _ end: @escaping @Sendable (FakeWorker) async throws -> Void,
    _ body: (Channel, ProtoChatRequest) async throws -> Void
  ) async throws {
    var script = FakeWorker.Script()
    script.stream = { _, _ in
      let start = ProtoGenerationResponse.with { $0.start.model = "tiny" }
      let text = ProtoGenerationResponse.with { $0.text = "half an" }
      return try [start, text].map { EncodedMessage(try $0.serializedBytes() as [UInt8]) }
    }
    script.streamEnd = end
    let host = ModelHost(launcher: FakeLauncher(script), log: silent, patience: .long)
    let state = try StateFile.inMemory()
    _ = try await host.restore(from: state)
    let facts = DaemonFacts(version: "0", instructionSet: "", addresses: { [] })
    let channel = Channel(
      inProcess: DaemonAPI(host: host, state: state, facts: facts, ends: DaemonEnds()).routes())
    _ = try await host.load(ModelSource(path: "/m/tiny.gguf"), name: "tiny") { _ in }
    _ = try await channel.unary(ConversationsMethods.create, .with { $0.name = "talk" })
    try await body(channel, chat("Hello"))
    channel.close()
    await host.stop()
  }

  private func lastMessage(_ channel: Channel) async throws -> ProtoConversationMessage? {
    let response = try await channel.unary(
      ConversationsMethods.get,
      .with {
        $0.conversation = "talk"
        $0.settled = true
      })
    #expect(response.messages.map(\.message.role) == ["user", "assistant"])
    return response.messages.last
  }

  @Test("An answer whose client goes away is kept as far as it came") func partial() async throws {
    let gate = Gate()
    try await withHalfAnAnswer({ _ in await gate.pass() }) { channel, request in
      let stream = try await channel.serverStreaming(GenerationMethods.chat, request)
      for try await response in stream where !response.text.isEmpty { break }
      stream.cancel()
      let last = try #require(try await lastMessage(channel))
      #expect(last.message.content == "half an" && last.answer.partial && last.answer.model == "tiny")
      #expect(last.answer.rule == "the client went away")
    }
    gate.opened.raise()
  }

  @Test("An answer whose worker dies is kept as far as it came") func workerDies() async throws {
    try await withHalfAnAnswer({ _ in throw FakeWorker.ended }) { channel, request in
      let error = await #expect(throws: RPCError.self) {
        for try await _ in try await channel.serverStreaming(GenerationMethods.chat, request) {}
      }
      #expect(error?.code == .unavailable)
      let last = try #require(try await lastMessage(channel))
      #expect(last.message.content == "half an" && last.answer.partial)
      #expect(last.answer.rule.contains("the worker of this model ended"))
    }
  }

  @Test(
    "Chats and appends of several clients take turns: nothing is lost, and no answer is parted from its question"
  )
  func together() async throws {
    // Whichever comes last sees all the others.
    try await withConversation(context: 1024) { daemon in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<3 {
          group.addTask { _ = try await daemon.all(GenerationMethods.chat, chat("q\(number)", tokens: 2)) }
          group.addTask {
            _ = try await daemon.channel.unary(
              ConversationsMethods.append,
              .with {
                $0.conversation = "talk"
                $0.messages = [
                  .with {
                    $0.role = "system"
                    $0.content = "s\(number)"
                  }
                ]
              })
          }
        }
        try await group.waitForAll()
      }
      let messages = try await get(daemon).messages.map(\.message)
      #expect(messages.count == 9)
      for (index, message) in messages.enumerated() where message.role == "user" {
        #expect(messages[index + 1].role == "assistant")
      }
      #expect(Set(messages.filter { $0.role != "assistant" }.map(\.content)).count == 6)
    }
  }
}

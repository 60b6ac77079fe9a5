import Access
import RPC
import RoleTestSupport
import State
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@testable import Services

private func message(_ role: String, _ content: String) -> ProtoMessage {
  .with {
    $0.role = role
    $0.content = content
  }
}

extension TestDaemon {
  fileprivate func create(_ name: String, _ messages: [ProtoMessage] = []) async throws -> ProtoConversation {
    try await channel.unary(
      ConversationsMethods.create,
      .with {
        $0.name = name
        $0.messages = messages
      }
    ).conversation
  }

  fileprivate func get(_ reference: String) async throws -> ProtoGetConversationResponse {
    try await channel.unary(
      ConversationsMethods.get,
      .with {
        $0.conversation = reference
        $0.settled = true
      })
  }

  fileprivate func importing(_ lines: String, name: String? = nil) async throws -> [ProtoConversation] {
    try await channel.unary(
      ConversationsMethods.import,
      .with {
        $0.lines = lines
        if let name { $0.name = name }
      }
    ).conversations
  }

  fileprivate func exported(_ name: String?, _ form: ProtoConversationForm = .messages) async throws
    -> [String]
  {
    try await all(
      ConversationsMethods.export,
      .with {
        if let name { $0.conversation = name }
        $0.form = form
      }
    ).map(\.line)
  }
}

@Suite("Conversations over the API", .timeLimit(.minutes(60))) struct ConversationsServiceTests {
  @Test(
    "A conversation is made, changed, listed, forked, renamed and deleted",
    arguments: TestDaemon.Depth.allCases)
  func life(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      let made = try await daemon.create("trip", [message("system", "Be kind."), message("user", "Hi")])
      #expect(made.messages == 2 && made.version == 1 && made.owner == "local" && made.hasCreatedAt)
      let appended = try await daemon.channel.unary(
        ConversationsMethods.append,
        .with {
          $0.conversation = "trip"
          $0.messages = [message("assistant", "Hello")]
          $0.ifVersion = 1
        }
      ).conversation
      #expect(appended.version == 2 && appended.messages == 3)
      let late = await daemon.status(
        ConversationsMethods.append,
        .with {
          $0.conversation = "trip"
          $0.messages = [message("user", "x")]
          $0.ifVersion = 1
        })
      #expect(late?.code == .failedPrecondition && late?.field == "if_version")
      let fork = try await daemon.channel.unary(
        ConversationsMethods.fork,
        .with {
          $0.conversation = made.id
          $0.keep = 2
          $0.name = "other"
        }
      ).conversation
      #expect(fork.forkedFrom == made.id && fork.forkedAt == 2 && fork.messages == 2)
      let renamed = try await daemon.channel.unary(
        ConversationsMethods.rename,
        .with {
          $0.conversation = "other"
          $0.name = "여행"
        }
      ).conversation
      #expect(renamed.name == "여행" && renamed.version == 2)
      let list = try await daemon.channel.unary(ConversationsMethods.list, .init())
      #expect(list.conversations.map(\.name) == ["여행", "trip"] && list.nextPageToken.isEmpty)
      let got = try await daemon.get("여행")
      #expect(got.messages.map(\.message.content) == ["Be kind.", "Hi"])
      _ = try await daemon.channel.unary(ConversationsMethods.delete, .with { $0.conversation = "여행" })
      let gone = await daemon.status(ConversationsMethods.get, .with { $0.conversation = "여행" })
      #expect(gone?.code == .notFound && gone?.field == "conversation")
    }
  }

  @Test("A list comes in pages, and a wrong token or size is refused") func pages() async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      for number in 0..<5 { _ = try await daemon.create("c\(number)") }
      var names: [String] = []
      var request = ProtoListConversationsRequest.with { $0.pageSize = 2 }
      repeat {
        let page = try await daemon.channel.unary(ConversationsMethods.list, request)
        names += page.conversations.map(\.name)
        request.pageToken = page.nextPageToken
      } while !request.pageToken.isEmpty
      #expect(names == ["c4", "c3", "c2", "c1", "c0"])
      for request in [
        ProtoListConversationsRequest.with { $0.pageSize = 1_001 }, .with { $0.pageToken = "x" },
      ] {
        #expect(await daemon.status(ConversationsMethods.list, request) != nil)
      }
    }
  }

  @Test("Every part of a message comes back as it was given, fields of later versions too") func whole()
    async throws
  {
    try await TestDaemon.run(.inProcess) { daemon in
      var odd = ProtoMessage.with {
        $0.role = "assistant"
        $0.toolCallsJson = #"[{"z":1,"a":2}]"#
        $0.extrasJson = #"{"thinking": null, "k": 1.50}"#
        $0.contentParts = ["a", ""]
      }
      try odd.merge(serializedBytes: [0xFA, 0x7F, 0x01, 0x78] as [UInt8])
      #expect(!odd.unknownFields.data.isEmpty)
      _ = try await daemon.create("odd", [odd])
      #expect(try await daemon.get("odd").messages.map(\.message) == [odd])
    }
  }

  @Test("Lines of messages survive being exported and imported, in their own spelling") func messageLines()
    async throws
  {
    let lines = [
      #"{"messages":[{"role":"user","content":"a\nb"},{"role":"assistant","reasoning_content":"r","tool_calls":[{"z":1.50,"a":"é"}]},{"role":"tool","content":[{"type":"text","text":"t"}],"tool_call_id":"1","extra":{"b":[ ],"a":null}}],"name":"one"}"#,
      #"{"messages":[],"name":"two"}"#,
    ]
    try await TestDaemon.run(.inProcess) { daemon in
      let made = try await daemon.importing(lines.joined(separator: "\n\n") + "\n")
      #expect(made.map(\.name) == ["one", "two"])
      #expect(try await daemon.exported("one") == [lines[0]])
      #expect(try await daemon.exported(nil).sorted() == lines.sorted())
      let again = try await daemon.importing(lines[0], name: "copy")
      #expect(again.map(\.name) == ["copy"])
      #expect(
        try await daemon.get("copy").messages.map(\.message) == daemon.get("one").messages.map(\.message))
    }
  }

  @Test("Lines of turns survive being imported and exported") func turnLines() async throws {
    let card = """
      {"prompt": "Hello", "answer": "Hi \\"you\\""}
      {"prompt": "안녕", "answer": ""}

      """
    try await TestDaemon.run(.inProcess) { daemon in
      #expect(try await daemon.importing(card, name: "card").map(\.messages) == [4])
      let lines = try await daemon.exported("card", .turns)
      #expect(lines == [#"{"prompt":"Hello","answer":"Hi \"you\""}"#, #"{"prompt":"안녕","answer":""}"#])
      let begun = [#"{"prompt":"a","answer":"b","system":"s"}"#, #"{"prompt":"c"}"#]
      #expect(try await daemon.importing(begun.joined(separator: "\n"), name: "begun").map(\.messages) == [4])
      #expect(try await daemon.exported("begun", .turns) == begun)
      let parts = ProtoMessage.with {
        $0.role = "user"
        $0.contentParts = ["a"]
      }
      _ = try await daemon.create("parts", [parts])
      let error = await daemon.streamStatus(
        ConversationsMethods.export,
        .with {
          $0.conversation = "parts"
          $0.form = .turns
        })
      #expect(error?.code == .failedPrecondition && error?.message.contains("message 1 of 'parts'") == true)
    }
  }

  @Test(
    "A line that cannot be read is named, and nothing is imported",
    arguments: [
      ("", "no line"), ("{", "line 1: column"), ("[]", "line 1: an object is expected"),
      (#"{"messages":[]}"# + "\n" + #"{"messages":[{"content":"x"}]}"#, "line 2: messages[0].role: missing"),
      (#"{"messages":[],"tools":[]}"#, "line 1: unknown key 'tools'"),
      (#"{"messages":[],"messages":[]}"#, "line 1: column"),
      (#"{"name":"x"}"#, "'messages' is missing"),
      (#"{"prompt":"a","answer":"b"}"# + "\n" + #"{"prompt":"a","answer":3}"#, "line 2: answer: a string"),
      (#"{"prompt":"a"}"# + "\n" + #"{"prompt":"b"}"#, "line 2: the turn before has no 'answer'"),
      (#"{"prompt":"a","answer":"b","x":1}"#, "line 1: unknown key 'x'"),
      (#"{"messages":[],"name":"taken"}"# + "\n" + #"{"messages":[],"name":"taken"}"#, "already exists"),
    ])
  func badLines(lines: String, expected: String) async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      let error = await daemon.status(ConversationsMethods.import, .with { $0.lines = lines })
      #expect(error?.message.contains(expected) == true, "\(error?.message ?? "no error")")
      let list = try await daemon.channel.unary(ConversationsMethods.list, .init())
      #expect(list.conversations.isEmpty)
    }
  }

  @Test("Requests without what they need are refused by field") func refused() async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      _ = try await daemon.create("a")
      let role = await daemon.status(
        ConversationsMethods.create, .with { $0.messages = [message("user", "x"), .init()] })
      #expect(role?.code == .invalidArgument && role?.field == "messages[1].role")
      let nothing = await daemon.status(ConversationsMethods.append, .with { $0.conversation = "a" })
      #expect(nothing?.field == "messages")
      let turns = await daemon.streamStatus(ConversationsMethods.export, .with { $0.form = .turns })
      #expect(turns?.field == "conversation")
      #expect(
        try await daemon.channel.unary(ConversationsMethods.list, .init()).conversations.map(\.name) == ["a"])
    }
  }

  @Test("Conversations belong to the token's name; only the role manage reaches those of others")
  func owners()
    async throws
  {
    try await TestDaemon.run(.inProcess) { daemon in
      let folder = try TemporaryFolder()
      let tokens = TokenFile(folder.file("tokens"))
      for (name, role) in [("ann", Role.use), ("bob", .use), ("chief", .manage)] {
        try tokens.update { list throws(AccessError) in try list.add(name, role, token: "secret-of-\(name)") }
      }
      let access = AccessControl(tokens: try TokenStore(path: folder.file("tokens")) { _ in })
      let routes = DaemonAPI(
        host: daemon.host, state: daemon.state,
        facts: DaemonFacts(version: "0", instructionSet: "", addresses: { [] }), ends: daemon.ends,
        access: access
      ).routes()
      let server = try await TCPServer(routes, admit: access.admit)
      func options(_ name: String) -> CallOptions {
        CallOptions(metadata: ["authorization": .text("Bearer secret-of-\(name)")])
      }
      func names(_ caller: String, everybodys: Bool = false) async throws -> [String] {
        try await server.channel.unary(
          ConversationsMethods.list, .with { $0.everybodys = everybodys }, options: options(caller)
        ).conversations.map(\.owner)
      }
      for caller in ["ann", "bob"] {
        _ = try await server.channel.unary(
          ConversationsMethods.create, .with { $0.name = "mine" }, options: options(caller))
      }
      _ = try await daemon.create("own")
      #expect(try await names("ann") == ["token:ann"])
      #expect(try await names("bob") == ["token:bob"])
      #expect(try await names("chief").isEmpty)
      #expect(try await names("chief", everybodys: true) == ["local", "token:bob", "token:ann"])
      let others = await #expect(throws: RPCError.self) { _ = try await names("ann", everybodys: true) }
      #expect(others?.code == .permissionDenied)
      for reference in ["own", "2", "3"] {
        let error = await #expect(throws: RPCError.self) {
          _ = try await server.channel.unary(
            ConversationsMethods.delete, .with { $0.conversation = reference }, options: options("ann"))
        }
        #expect(error?.code == .notFound, "\(reference)")
      }
      _ = try await server.channel.unary(
        ConversationsMethods.delete, .with { $0.conversation = "2" }, options: options("chief"))
      #expect(try await names("bob").isEmpty)
      await server.stop()
    }
  }
}

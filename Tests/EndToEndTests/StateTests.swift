import Foundation
import Glibc
import RPC
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@Suite("What a daemon keeps", .timeLimit(.minutes(60))) struct StateTests {
  /// How often a daemon is killed: WORKBENCH_TEST_KILLS, or 6.
  private static let kills =
    ProcessInfo.processInfo.environment["WORKBENCH_TEST_KILLS"].flatMap { Int($0) } ?? 6

  private func put(_ daemon: TestDaemon, _ name: String, _ source: String) async throws -> UInt32 {
    try await daemon.channel.unary(
      TemplatesMethods.put,
      .with {
        $0.name = name
        $0.source = source
      }
    ).template.version
  }

  private func source(_ daemon: TestDaemon, _ reference: String) async throws -> String {
    try await daemon.channel.unary(TemplatesMethods.get, .with { $0.name = reference }).source
  }

  @Test(
    "Templates, settings and conversations are there after a restart, planned or by SIGKILL",
    arguments: [SIGTERM, SIGKILL])
  func restart(signal: Int32) async throws {
    let folder = try TemporaryFolder()
    let model = folder.file("tiny.gguf")
    try TinyModel.write(to: model)
    do {
      let daemon = try await TestDaemon(folder: folder)
      try await daemon.load(model, name: "tiny")
      #expect(try await put(daemon, "mine", "{{ messages[0].content }}") == 1)
      #expect(try await put(daemon, "mine", "{{ messages[0].content }}!") == 2)
      _ = try await daemon.channel.unary(
        ModelsMethods.update,
        .with {
          $0.name = "tiny"
          $0.template = "mine@1"
        })
      var request = ProtoChatRequest()
      request.model = "tiny"
      request.messages = [.user("Hello")]
      request.options.maxTokens = 5
      request.options.ignoreEnd = true
      request.conversation.conversation = "talk"
      _ = try await daemon.channel.unary(ConversationsMethods.create, .with { $0.name = "talk" })
      for try await _ in try await daemon.channel.serverStreaming(GenerationMethods.chat, request) {}
      daemon.send(signal)
      _ = await daemon.waitForExit()
    }
    let daemon = try await TestDaemon(folder: folder)
    #expect(try await source(daemon, "mine") == "{{ messages[0].content }}!")
    #expect(try await source(daemon, "mine@1") == "{{ messages[0].content }}")
    #expect(try await daemon.load(model, name: "tiny").template == "mine@1")
    let talk = try await daemon.channel.unary(ConversationsMethods.get, .with { $0.conversation = "talk" })
    #expect(talk.messages.map(\.message.role) == ["user", "assistant"])
    let state = try await daemon.status().state
    #expect(state.path == folder.file("workbench/state.db") && state.bytes > 0 && state.damagedCopy.isEmpty)
  }

  @Test("Without a state file nothing is kept, and nothing is written") func none() async throws {
    let folder = try TemporaryFolder()
    do {
      let daemon = try await TestDaemon(["--state", "none"], folder: folder)
      _ = try await put(daemon, "mine", "{{ messages[0].content }}")
      #expect(try await daemon.status().state.path.isEmpty)
      daemon.send(SIGTERM)
      _ = await daemon.waitForExit()
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("workbench")))
    let daemon = try await TestDaemon(["--state", "none"], folder: folder)
    #expect(await failure { _ = try await source(daemon, "mine") }?.code == .notFound)
  }

  @Test(
    "A damaged file is moved aside, which the status says; a newer one and one in use end the daemon with status 1"
  )
  func unusable() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("s.db", Array("not a database, but long enough to be taken for one".utf8))
    let daemon = try await TestDaemon(["--state", path], folder: folder)
    let status = try await daemon.status()
    #expect(status.state.damagedCopy.hasPrefix(path + ".damaged-"))
    let shown = try await run(Products.url("workbench"), ["status", "--address", "unix:\(daemon.socket)"])
    #expect(shown.output.contains("moved to \(status.state.damagedCopy)"))
    let second = try await run(
      Products.url("workbenchd"), ["--socket", folder.file("other"), "--state", path])
    #expect(second.status == 1)
    #expect(
      second.error.contains("in use by another daemon (process \(daemon.processID))"), "\(second.error)")
    daemon.send(SIGTERM)
    _ = await daemon.waitForExit()
    let newer = try await run(
      URL(fileURLWithPath: "/usr/bin/env"),
      [
        "python3", "-c",
        "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute(\"INSERT INTO grdb_migrations VALUES ('later')\"); d.commit()",
        path,
      ])
    try #require(newer.status == 0, "\(newer.error)")
    let third = try await run(
      Products.url("workbenchd"), ["--socket", folder.file("other"), "--state", path])
    #expect(third.status == 1)
    #expect(third.error.contains("written by a newer version of workbenchd"), "\(third.error)")
  }

  @Test("A daemon that is killed again and again while it writes loses nothing that it acknowledged")
  func kills()
    async throws
  {
    let folder = try TemporaryFolder()
    let model = folder.file("tiny.gguf")
    try TinyModel.write(to: model)
    let known = Acknowledged()
    var random = SplitMix64(seed: 11)
    for round in 0..<Self.kills {
      let daemon = try await TestDaemon(folder: folder)
      #expect(try await daemon.status().state.damagedCopy.isEmpty, "round \(round)")
      try await check(known, daemon, round)
      let loaded = try await daemon.load(model, name: "tiny")
      let set = await known.setting
      if let set {
        #expect(set.contains(loaded.template), "round \(round)")
      }
      let wait = Duration.milliseconds(Int64(random.next() % 400))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<3 {
          group.addTask { try await write(daemon, known, round, writer) }
        }
        try await Task.sleep(for: wait)
        daemon.send(SIGKILL)
        try await group.waitForAll()
      }
      _ = await daemon.waitForExit()
    }
    let daemon = try await TestDaemon(folder: folder)
    try await check(known, daemon, Self.kills)
    let counts = await known.counts
    #expect(counts.templates > 0 && counts.messages > 0)
    print("kills: \(Self.kills), acknowledged: \(counts)")
  }

  /// Writes of one kind until the daemon is gone; what it acknowledges is noted.
  private func write(_ daemon: TestDaemon, _ known: Acknowledged, _ round: Int, _ writer: Int) async throws {
    var number = 0
    while true {
      number += 1
      let text = "\(round)-\(number)"
      do {
        switch writer {
        case 0:
          let version = try await put(daemon, "mine", "{{ messages[0].content }}\(text)")
          await known.note(template: version, "{{ messages[0].content }}\(text)")
        case 1:
          // Before it is sent: a change that was not acknowledged may have been made or not.
          let template = number % 2 == 0 ? "chatml" : "alpaca"
          await known.send(setting: template)
          _ = try await daemon.channel.unary(
            ModelsMethods.update,
            .with {
              $0.name = "tiny"
              $0.template = template
            })
          await known.note(setting: template)
        default:
          _ = try? await daemon.channel.unary(ConversationsMethods.create, .with { $0.name = "talk" })
          _ = try await daemon.channel.unary(
            ConversationsMethods.append,
            .with {
              $0.conversation = "talk"
              $0.messages = [.user(text)]
            })
          await known.note(message: text)
        }
      } catch let error as RPCError {
        guard error.code == .unavailable || error.code == .cancelled else { throw error }
        return
      }
    }
  }

  private func check(_ known: Acknowledged, _ daemon: TestDaemon, _ round: Int) async throws {
    let newest = try? await daemon.channel.unary(TemplatesMethods.get, .with { $0.name = "mine" }).template
    for (version, text) in await known.templates {
      // Only so many versions are kept.
      guard newest?.versions.contains(version) == true else {
        #expect((newest?.version ?? 0) >= version + 100, "round \(round): version \(version) is gone")
        continue
      }
      #expect(try await source(daemon, "mine@\(version)") == text, "round \(round)")
    }
    let messages = await known.messages
    if messages.isEmpty { return }
    let kept = try await daemon.channel.unary(ConversationsMethods.get, .with { $0.conversation = "talk" })
      .messages
      .map(\.message.content)
    let missing = Set(messages).subtracting(kept)
    #expect(missing.isEmpty, "round \(round): \(missing.count) messages are gone")
    // In the order in which they were acknowledged, each once.
    let order = kept.filter { Set(messages).contains($0) }
    #expect(order == messages, "round \(round)")
  }
}

/// What a daemon said that it had done.
private actor Acknowledged {
  private(set) var templates: [UInt32: String] = [:]
  private(set) var messages: [String] = []
  /// The settings of which one must be in force; nil while there is none.
  private(set) var setting: Set<String>?
  private var settings = 0

  var counts: (templates: Int, settings: Int, messages: Int) { (templates.count, settings, messages.count) }

  func note(template version: UInt32, _ source: String) { templates[version] = source }
  func note(message: String) { messages.append(message) }
  func send(setting: String) { self.setting = (self.setting ?? ["default", ""]).union([setting]) }
  func note(setting: String) {
    self.setting = [setting]
    settings += 1
  }
}

import Glibc
import Synchronization
import Testing
import WorkbenchAPI

@testable import workbench

/// Every command of a conversation in every state that an answer can leave it in.
@Suite(.timeLimit(.minutes(60))) struct ConversationStateTests {
  /// How a conversation came into a state, and what the state is: the messages that a request then has.
  struct State: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The lines that lead to it.
    var lines: [String]
    /// What was sent last, which /retry sends again; nil if nothing was.
    var asked: [String]?
    /// What precedes the next message.
    var kept: [String]
  }

  static let states = [
    State(testDescription: "before the first message", lines: [], asked: nil, kept: []),
    State(testDescription: "answered", lines: ["Hi"], asked: ["Hi"], kept: ["Hi", "You said Hi."]),
    State(testDescription: "failed", lines: ["fail"], asked: ["fail"], kept: []),
    State(testDescription: "cut by an error", lines: ["cut"], asked: ["cut"], kept: []),
    State(testDescription: "empty", lines: ["empty"], asked: ["empty"], kept: ["empty", ""]),
    State(testDescription: "cancelled", lines: ["hang"], asked: ["hang"], kept: ["hang", "begun"]),
    State(testDescription: "cancelled before it began", lines: ["silence"], asked: ["silence"], kept: []),
    State(
      testDescription: "failed after an answer", lines: ["Hi", "fail"],
      asked: ["Hi", "You said Hi.", "fail"],
      kept: ["Hi", "You said Hi."]),
    State(
      testDescription: "asked again in vain", lines: ["once", "/retry"], asked: ["once"],
      kept: ["once", "You said once."]),
    State(testDescription: "failed twice", lines: ["fail", "/retry"], asked: ["fail"], kept: []),
    State(testDescription: "cleared", lines: ["Hi", "fail", "/clear"], asked: nil, kept: []),
  ]

  /// Lines that change no message.
  private static let neutral = [
    "/show", "/help", "/verbose", "/set temperature 0.5", "/set nonsense 1", "/template alpaca",
    "/template none",
    "/nonsense", "/system S", "/system", "/prompt", "/prompt New", "", "/clear all",
  ]

  @Test("/retry asks the last question again, whatever became of its answer", arguments: states)
  func retry(_ state: State) async throws {
    for between in [[], Self.neutral] {
      let (outcome, seen) = try await talk(state.lines + between + ["/retry"])
      let sent = seen.chats.withLock { $0 }
      let before = state.lines.count { $0 == "/retry" || !$0.hasPrefix("/") }
      try #require(sent.count == before + (state.asked == nil ? 0 : 1), "\(outcome.error)")
      if let asked = state.asked {
        #expect(sent.last?.messages.map(\.content) == asked)
      } else {
        #expect(outcome.error.contains("nothing has been asked yet"))
      }
    }
  }

  @Test(
    "The next message follows what was answered, and takes the place of a question that was not",
    arguments: states)
  func message(_ state: State) async throws {
    for between in [[], Self.neutral] {
      let (_, seen) = try await talk(state.lines + between + ["New"])
      #expect(seen.lastChat?.messages.map(\.content) == state.kept + ["New"])
      let roles = seen.lastChat?.messages.map(\.role) ?? []
      for (index, role) in roles.enumerated() {
        #expect(role == (index.isMultiple(of: 2) ? "user" : "assistant"))
      }
    }
  }

  @Test(
    "/prompt shows the prompt that was sent last, or the one that a message would make", arguments: states)
  func prompt(_ state: State) async throws {
    let (outcome, seen) = try await talk(state.lines + ["/prompt", "/prompt New one"])
    let renders = seen.renders.withLock { $0 }
    try #require(renders.count == (state.asked == nil ? 1 : 2))
    if let asked = state.asked {
      #expect(renders[0].messages.map(\.content) == asked)
      #expect(outcome.error.contains("the prompt that was sent last:\n"))
    } else {
      #expect(outcome.error.contains("no prompt has been sent yet\n"))
    }
    #expect(renders.last?.messages.map(\.content) == state.kept + ["New one"])
    #expect(outcome.error.contains("the prompt that this message would make:\n"))
  }

  @Test("/prompt shows what was sent, not what was changed since")
  func promptAsSent() async throws {
    let (_, seen) = try await talk(["Hi", "/system S", "/template alpaca", "/prompt", "/prompt x"])
    let renders = seen.renders.withLock { $0 }
    try #require(renders.count == 2)
    #expect(renders[0].messages.map(\.content) == ["Hi"] && renders[0].name.isEmpty)
    #expect(
      renders[1].messages.map(\.content) == ["S", "Hi", "You said Hi.", "x"] && renders[1].name == "alpaca")
  }

  @Test("/clear forgets everything that was said", arguments: states)
  func clear(_ state: State) async throws {
    let (outcome, seen) = try await talk(state.lines + ["/clear", "/retry", "/prompt", "New"])
    #expect(outcome.error.contains("nothing has been asked yet"))
    #expect(outcome.error.contains("no prompt has been sent yet"))
    #expect(seen.lastChat?.messages.map(\.content) == ["New"])
  }

  /// A conversation of these lines; answers that hang are interrupted once what they have is printed.
  private func talk(_ lines: [String]) async throws -> (Outcome, Seen) {
    let result = Mutex<(Outcome, Seen)?>(nil)
    Typed.withoutHistory
    try await FakeDaemon.run { address, seen, scratch in
      let (controller, terminal) = Typed.terminal((lines + ["/quit", ""]).joined(separator: "\n"))
      defer {
        close(controller)
        close(terminal)
      }
      let interrupts = Interrupts()
      let interrupting = Task {
        var delivered = 0
        while !Task.isCancelled {
          let said = seen.chats.withLock { $0.compactMap { $0.messages.last?.content } }
          let printed = Scratch.contents(scratch.file("talk.out")).ranges(of: "begun").count
          let silent = said.count { $0 == "silence" }
          if printed + silent > delivered, interrupts.deliver() { delivered += 1 }
          try await Task.sleep(for: .milliseconds(1))
        }
      }
      let outcome = await run(
        ["chat", "--address", address], inputDescriptor: terminal, in: scratch, interrupts: interrupts,
        name: "talk")
      interrupting.cancel()
      #expect(outcome.status == .success, "\(outcome.error)")
      result.withLock { $0 = (outcome, seen) }
    }
    return try #require(result.withLock { $0 })
  }
}

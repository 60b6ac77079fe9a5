import Glibc
import Synchronization
import Testing
import WorkbenchAPI

@testable import workbench

@Suite(.timeLimit(.minutes(60))) struct ConversationTests {
  @Test("A conversation keeps what was said, swaps the template, and survives errors")
  func conversation() async throws {
    try await FakeDaemon.run { address, seen, scratch in
      Typed.withoutHistory
      let (controller, terminal) = Typed.terminal(
        """
        Hello
        /template alpaca
        /template none
        /set temperature 0.5
        /set nonsense 1
        /nonsense
        fail
        \"\"\"two
        lines\"\"\"
        /system Be kind
        /retry
        /show
        /clear
        /system
        Hi
        /quit

        """)
      defer {
        close(controller)
        close(terminal)
      }
      let outcome = await run(["chat", "--address", address], inputDescriptor: terminal, in: scratch)
      #expect(outcome.status == .success)
      #expect(outcome.output.hasPrefix("You said Hello.\nYou said two\nlines.\nYou said two\nlines.\nmodel "))
      #expect(outcome.output.contains("temperature  0.5\n"))
      #expect(outcome.error.hasPrefix("chatting with smollm; /help lists commands, Control-D quits\n"))
      #expect(outcome.error.contains("template alpaca\n"))
      #expect(outcome.error.contains("workbench: no template \"none\"; the nearest is \"chatml\"\n"))
      #expect(outcome.error.contains("unknown setting 'nonsense'; the settings are temperature, top_k"))
      #expect(outcome.error.contains("unknown command '/nonsense'; /help lists the commands\n"))
      #expect(outcome.error.contains("the queue is full"))
      let notes = [
        "temperature 0.5\n", "system message set\n", "conversation cleared\nsystem message cleared\n",
      ]
      for note in notes { #expect(outcome.error.contains(note)) }
      let chats = seen.chats.withLock { $0 }
      #expect(chats.last?.messages.map(\.content) == ["Hi"], "cleared, the system message too")
      let last = try #require(chats.dropLast().last)
      #expect(last.messages.map(\.role) == ["system", "user", "assistant", "user"])
      #expect(last.messages.map(\.content) == ["Be kind", "Hello", "You said Hello.", "two\nlines"])
      #expect(last.template == "alpaca" && last.options.sampling.temperature == 0.5)
    }
  }

  @Test("Control-C ends an answer but not the conversation")
  func interrupt() async throws {
    try await FakeDaemon.run { address, seen, scratch in
      let (controller, terminal) = Typed.terminal("hang\nHello\n/quit\n")
      defer {
        close(controller)
        close(terminal)
      }
      let interrupts = Interrupts()
      async let outcome = run(
        ["chat", "--address", address], inputDescriptor: terminal, in: scratch, interrupts: interrupts)
      while seen.chats.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(1)) }
      #expect(interrupts.deliver())
      #expect(await outcome.status == .success)
      #expect(await outcome.output.hasSuffix("You said Hello.\n"))
    }
  }

  @Test("A message between marks has several lines; a slash begins a command")
  func assembler() {
    var assembler = PromptAssembler()
    expectEqual(assembler.add("hello"), .message("hello"))
    expectEqual(assembler.add("  "), .nothing)
    expectEqual(assembler.add("/help me"), .command("/help me"))
    expectEqual(assembler.add("/tmp/x\nis a path"), .message("/tmp/x\nis a path"))
    expectEqual(assembler.add("\"\"\""), .more)
    expectEqual(assembler.add("a"), .more)
    expectEqual(assembler.add(""), .more)
    expectEqual(assembler.add("/b\"\"\""), .message("a\n\n/b"))
    #expect(!assembler.isOpen)
    expectEqual(assembler.add("\"\"\"one\"\"\""), .message("one"))
    expectEqual(assembler.add("\"\"\"one"), .more)
    expectEqual(assembler.add("\"\"\""), .message("one"))
  }

  @Test("Commands are read with their arguments")
  func commands() throws {
    #expect(try SlashCommand(parsing: "/template  alpaca ") == .template("alpaca"))
    #expect(try SlashCommand(parsing: "/template") == .template(nil))
    #expect(try SlashCommand(parsing: "/system Be kind. ") == .system("Be kind."))
    #expect(try SlashCommand(parsing: "/set top_k 5") == .set(name: "top_k", value: "5"))
    #expect(try SlashCommand(parsing: "/?") == .help)
    #expect(throws: ClientError.self) { try SlashCommand(parsing: "/set top_k") }
    #expect(try SlashCommand(parsing: "/prompt a b") == .prompt("a b"))
    for line in ["/clear it", "/quit smoking", "/retry this", "/help me", "/show all", "/verbose on"] {
      #expect(throws: ClientError.self) { try SlashCommand(parsing: line) }
    }
    let error = #expect(throws: ClientError.self) { try SlashCommand(parsing: "/tempalte x") }
    #expect(error?.hint?.hasPrefix("did you mean /template?") == true)
  }

  @Test(
    "A line that begins with a path or anything else that is no word is a message",
    arguments: [
      ("/usr/bin is on my PATH", "/usr/bin is on my PATH"), ("/home", nil),
      ("/ is the root", "/ is the root"),
      ("/etc/", "/etc/"), ("/2 of it", "/2 of it"), ("//help", "/help"), ("//", "/"), ("/a.txt", "/a.txt"),
      ("/?", nil), ("/нет", nil), ("/~", "/~"), (" /help", " /help"),
    ] as [(String, String?)])
  func paths(_ line: String, _ message: String?) {
    var assembler = PromptAssembler()
    expectEqual(assembler.add(line), message.map { .message($0) } ?? .command(line))
  }

  @Test("Every setting takes a value, shows it and gives it back")
  func settings() throws {
    for setting in Setting.all {
      var options = ProtoGenerationOptions()
      #expect(setting.get(options) == nil)
      try Setting.apply(setting.name, setting.name == "stages" ? "top_k:k=4 greedy" : "1", to: &options)
      #expect(setting.get(options) != nil)
      try Setting.apply(setting.name, "default", to: &options)
      #expect(setting.get(options) == nil)
    }
    var options = ProtoGenerationOptions()
    for (name, value) in [
      ("top_k", "-2"), ("max_tokens", "-1"), ("seed", "-1"), ("seed", "18446744073709551616"),
      ("logprobs", "-1"), ("penalty_last_n", "-2"), ("temperature", "warm"), ("top_k", "99999999999"),
    ] {
      let error = #expect(throws: ClientError.self) { try Setting.apply(name, value, to: &options) }
      #expect(error?.message.hasPrefix("'\(value)' is not valid for \(name): it must be a ") == true)
    }
    try Setting.apply("top_k", "-1", to: &options)
    #expect(options.sampling.hasTopK && options.sampling.topK == 0)
    let error = #expect(throws: ClientError.self) { try Setting.apply("temprature", "1", to: &options) }
    #expect(error?.hint == "did you mean temperature?")
    #expect(throws: ClientError.self) { try Setting.apply("stages", "x:y", to: &options) }
    try Setting.apply("top-k", "3", to: &options)
    #expect(options.sampling.topK == 3)
  }
}

import Glibc
import Synchronization
import Testing
import WorkbenchAPI

@testable import workbench

@Suite(.timeLimit(.minutes(10))) struct ConversationTests {
  /// A terminal with lines typed ahead.
  private func typed(_ text: String) -> (controller: Int32, terminal: Int32) {
    // The requests of <asm-generic/ioctls.h>: unlock the terminal's side, and tell its number.
    let (unlock, number) = (0x4004_5431 as UInt, 0x8004_5430 as UInt)
    var (locked, index) = (0 as Int32, 0 as UInt32)
    let controller = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    _ = ioctl(controller, unlock, &locked)
    _ = ioctl(controller, number, &index)
    let terminal = open("/dev/pts/\(index)", O_RDWR | O_NOCTTY)
    let bytes = Array(text.utf8)
    _ = write(controller, bytes, bytes.count)
    return (controller, terminal)
  }

  @Test("A conversation keeps what was said, swaps the template, and survives errors")
  func conversation() async throws {
    try await FakeDaemon.run { address, seen, scratch in
      setenv("XDG_STATE_HOME", scratch.path + "/nowhere\u{1}", 1)
      let (controller, terminal) = typed(
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
      #expect(outcome.error.contains("unknown command '/nonsense'; /help lists the commands"))
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
      let (controller, terminal) = typed("hang\nHello\n/quit\n")
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
    #expect(throws: ClientError.self) { try SlashCommand(parsing: "/") }
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
    #expect(throws: ClientError.self) { try Setting.apply("top_k", "-1", to: &options) }
    #expect(throws: ClientError.self) { try Setting.apply("stages", "x:y", to: &options) }
    try Setting.apply("top-k", "3", to: &options)
    #expect(options.sampling.topK == 3)
  }
}

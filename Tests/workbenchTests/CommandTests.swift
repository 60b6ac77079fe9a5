import Glibc
import RPC
import Synchronization
import Terminal
import Testing
import WorkbenchAPI

@testable import workbench

@Suite(.timeLimit(.minutes(60))) struct CommandTests {
  @Test("A prompt as an argument is answered, with the one model that is loaded")
  func chat() async throws {
    try await FakeDaemon.run { address, seen, scratch in
      let outcome = await run(["chat", "--address", address, "Hello", "there"], in: scratch)
      #expect(outcome.output == "You said Hello there.\n")
      #expect(outcome.error == "")
      #expect(outcome.status == .success)
      let request = try #require(seen.lastChat)
      #expect(request.model == "smollm")
      #expect(!request.hasOptions && !request.hasTemplate)
    }
  }

  @Test("The first word is the model if it is one's name; --model makes every word text")
  func words() async throws {
    try await FakeDaemon.run(models: ["a", "b"]) { address, seen, scratch in
      var outcome = await run(["chat", "--address", address, "b", "Hello"], in: scratch)
      #expect(outcome.output == "You said Hello.\n")
      #expect(seen.lastChat?.model == "b")
      outcome = await run(["chat", "--address", address, "--model", "a", "b", "Hello"], in: scratch)
      #expect(outcome.output == "You said b Hello.\n")
      outcome = await run(["chat", "--address", address, "Hello"], in: scratch)
      #expect(outcome.status == .usage)
      #expect(outcome.error == "workbench: several models are loaded; name one of them: a, b\n")
    }
    try await FakeDaemon.run(models: []) { address, _, scratch in
      let outcome = await run(["chat", "--address", address, "Hello"], in: scratch)
      #expect(outcome.status == .refused)
    }
  }

  @Test("Standard input is the prompt, or follows it")
  func standardInput() async throws {
    try await FakeDaemon.run { address, _, scratch in
      var outcome = await run(["chat", "--address", address], input: "Hello\n", in: scratch)
      #expect(outcome.output == "You said Hello.\n")
      outcome = await run(
        ["chat", "--address", address, "smollm", "Sum:", "-"], input: "a\nb\n", in: scratch)
      #expect(outcome.output == "You said Sum:\n\na\nb.\n")
      outcome = await run(["chat", "--address", address, "-"], input: "a\n", in: scratch)
      #expect(outcome.output == "You said a.\n")
      for words in [[], ["-"]] {
        outcome = await run(["chat", "--address", address] + words, in: scratch)
        #expect(outcome.status == .usage)
        #expect(outcome.error.hasPrefix("workbench: no prompt: standard input is empty\n"))
      }
      let path = scratch.file(
        "messages.json", #"[{"role":"system","content":"S"},{"role":"user","content":"U"}]"#)
      outcome = await run(["chat", "--address", address, "--messages", path], input: "ignored", in: scratch)
      #expect(outcome.output == "You said U.\n")
    }
  }

  @Test(
    "Beside a prompt standard input is not read: neither a loop's input is taken nor a pipe waited for",
    arguments: [["chat", "Hi"], ["generate", "Hi"], ["explain", "Hi"]])
  func standardInputLeftAlone(_ words: [String]) async throws {
    try await FakeDaemon.run { address, _, scratch in
      var ends: [Int32] = [0, 0]
      // The end that writes stays open, as that of a pipe which never ends.
      _ = pipe(&ends)
      defer { for end in ends { close(end) } }
      _ = write(ends[1], "line\n", 5)
      let outcome = await run(words + ["--address", address], inputDescriptor: ends[0], in: scratch)
      #expect(outcome.status == .success && outcome.error == "")
      var buffer = [UInt8](repeating: 0, count: 16)
      #expect(read(ends[0], &buffer, buffer.count) == 5, "the line is still there")
    }
  }

  @Test("Standard input that does not wait is waited for")
  func standardInputWithoutWaiting() async throws {
    try await FakeDaemon.run { address, seen, scratch in
      var ends: [Int32] = [0, 0]
      _ = pipe(&ends)
      let (input, writer) = (ends[0], ends[1])
      defer { close(input) }
      _ = fcntl(input, F_SETFL, O_NONBLOCK)
      async let outcome = run(["chat", "-m", "m", "--address", address], inputDescriptor: input, in: scratch)
      for piece in ["He", "llo\n"] {
        try await Task.sleep(for: .milliseconds(50))
        _ = write(writer, piece, piece.utf8.count)
      }
      close(writer)
      #expect(await outcome.output == "You said Hello.\n")
    }
  }

  @Test("Statistics go to standard error and JSON to standard output")
  func verbose() async throws {
    try await FakeDaemon.run { address, _, scratch in
      var outcome = await run(["chat", "--address", address, "--verbose", "Hi"], in: scratch)
      #expect(outcome.output == "You said Hi.\n")
      #expect(
        outcome.error == """
          model     smollm
          template  chatml
          seed      7
          prompt    10 tokens (4 cached), 0.50 s, 12.0 tokens/s
          answer    20 tokens, 2.00 s, 10.0 tokens/s
          finish    end of turn, "<|im_end|>"
          setting   temperature = 0.8 (default)

          """)
      outcome = await run(["chat", "--address", address, "--json", "Hi"], in: scratch)
      let lines = outcome.output.split(separator: "\n")
      #expect(lines.count == 5)
      #expect(lines.first == #"{"start":{"model":"smollm","template":"chatml","seed":"7"}}"#)
    }
  }

  @Test("Control-C cancels the call and ends with 130")
  func interrupt() async throws {
    try await FakeDaemon.run { address, seen, scratch in
      let interrupts = Interrupts()
      async let outcome = run(["chat", "--address", address, "hang"], in: scratch, interrupts: interrupts)
      while seen.chats.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(1)) }
      #expect(interrupts.deliver())
      #expect(await outcome.status == .interrupted)
      #expect(await outcome.error == "")
      while seen.cancelled.load(ordering: .relaxed) == 0 { try await Task.sleep(for: .milliseconds(1)) }
      #expect(!interrupts.deliver())
    }
  }

  @Test("What the daemon says decides the exit status")
  func statuses() async throws {
    try await FakeDaemon.run { address, _, scratch in
      var outcome = await run(["show", "--address", address, "other"], in: scratch)
      #expect(outcome.status == .notFound)
      #expect(outcome.error == "workbench: no model \"other\"\n")
      outcome = await run(["unload", "--address", address, "x"], in: scratch)
      #expect(outcome.status == .refused)
      outcome = await run(["chat", "--address", address, "fail"], in: scratch)
      #expect(outcome.status == .refused)
      #expect(outcome.error == "workbench: the queue is full\nworkbench: try again in 2.00 s\n")
      outcome = await run(["status", "--address", address], in: scratch)
      #expect(outcome.status == .failure)
      outcome = await run(
        ["chat", "--address", address, "--timeout", "0.05", "--model", "m", "hang"], in: scratch)
      #expect(outcome.status == .failure)
      #expect(outcome.error.contains(" 0.05 s (--timeout)\n"))
      outcome = await run(["ps", "--address", scratch.file("none.sock")], in: scratch)
      #expect(outcome.status == .unavailable)
      #expect(outcome.error.hasPrefix("workbench: no daemon answers at "))
      #expect(outcome.error.contains("start one with 'workbenchd'"))
    }
  }

  @Test("The command line's errors end with 2, help and version with 0")
  func usage() async throws {
    let scratch = Scratch()
    for arguments in [
      ["nonsense"], ["load"], ["chat", "--stage", "top_k:k", "x"], ["status", "--address", "nonsense"],
      ["template", "render", "x"], ["load", "x", "--cache-bytes", "5Q"], ["ps", "--timeout", "0"],
      ["chat", "--address", "/x", "--model", "m", "--messages", "/nonexistent/\u{1}"].dropLast() + [
        "/dev/null"
      ],
    ] {
      let outcome = await run(Array(arguments), in: scratch)
      #expect(outcome.status == .usage, "\(arguments)")
      #expect(outcome.error.hasPrefix("workbench: "))
      #expect(outcome.output == "")
    }
    var outcome = await run(["chat", "--help"], in: scratch)
    #expect(outcome.status == .success && outcome.output.hasPrefix("OVERVIEW: Answer a prompt"))
    outcome = await run(["--version"], in: scratch)
    #expect(outcome.output == clientVersion + "\n")
    outcome = await run(["--generate-completion-script", "bash"], in: scratch)
    #expect(outcome.status == .success && outcome.output.contains("workbench"))
    let messages = scratch.file("system.json", #"[{"role":"system","content":"a"}]"#)
    outcome = await run(
      ["chat", "-m", "m", "--address", "/x", "--system", "b", "--messages", messages], in: scratch)
    #expect(outcome.error == "workbench: --system cannot be used with a system message in --messages\n")
    outcome = await run(["chat", "-m", "m", "--address", "/x", "--messages", "/nonexistent"], in: scratch)
    #expect(outcome.status == .notFound)
  }

  @Test("--address may stand before the command, and the shell's completion asks the daemon")
  func address() async throws {
    try await FakeDaemon.run(models: ["a", "b"]) { address, _, scratch in
      let outcome = await run(["--address", address, "ps"], in: scratch)
      #expect(outcome.status == .success)
      #expect(
        outcome.output == """
          NAME  STATE  QUANT      SIZE  CONTEXT  TEMPLATE  ACTIVE  WAITING  PID  RESTARTS
          a     ready  Q4_1   98.0 MiB     2048  chatml         0        0   42         0
          b     ready  Q4_1   98.0 MiB     2048  chatml         0        0   42         0

          """)
    }
  }

  @Test("Loading shows its stages and then the model")
  func load() async throws {
    try await FakeDaemon.run { address, _, scratch in
      var outcome = await run(["load", "--address", address, "/m/x.gguf", "--name", "x"], in: scratch)
      #expect(outcome.error == "loading x: reading metadata\nloading x: packing weights\n")
      #expect(outcome.output == "loaded x: Q4_1, 98.0 MiB, context 2048, template chatml\n")
      outcome = await run(["load", "--address", address, "/m/x.gguf", "--json"], in: scratch)
      #expect(outcome.output.split(separator: "\n").count == 4)
      #expect(outcome.error == "")
    }
  }

  @Test("Bytes go to the tokenizer and come back unchanged")
  func tokens() async throws {
    try await FakeDaemon.run { address, _, scratch in
      var outcome = await run(["tokenize", "--address", address, "--ids"], input: "a\n\u{0}", in: scratch)
      #expect(outcome.output == "97 10 0\n")
      outcome = await run(["tokenize", "--address", address, "a\"\n"], in: scratch)
      #expect(
        outcome.output == """
          ID  PIECE  BYTES
          97  "a"    0..<1
          34  "\\""   1..<2
          10  "\\n"   2..<3

          """)
      outcome = await run(["detokenize", "--address", address, "97,98", "99"], in: scratch)
      #expect(outcome.output == "abc")
      outcome = await run(["detokenize", "--address", address], input: "97 10\n", in: scratch)
      #expect(outcome.output == "a\n")
      outcome = await run(["detokenize", "--address", address, "x"], in: scratch)
      #expect(outcome.status == .usage)
    }
  }

  @Test("A rendered template is printed byte for byte, and its spans in a table")
  func render() async throws {
    try await FakeDaemon.run { address, seen, scratch in
      let input = scratch.file(
        "input.json",
        #"{"messages":[{"role":"user","content":"Hi"}],"z":1.0,"a":{"k":[]},"eos_token":"</s>"}"#)
      var outcome = await run(
        ["template", "render", "--address", address, "--template", "t", "--input", input], in: scratch)
      #expect(outcome.output == "<s>\u{1B}한")
      let request = try #require(seen.renders.withLock { $0.last })
      #expect(request.variablesJson == #"{"z":1.0,"a":{"k":[]}}"#)
      #expect(request.eosToken == "</s>" && request.name == "t" && !request.hasModel)
      outcome = await run(
        ["template", "render", "--address", address, "--template", "t", "--spans", "Hi"], in: scratch)
      #expect(
        outcome.output == """
            BYTES  ORIGIN               TEXT
            0..<3  bos_token            "<s>"
          3..<999  messages[0].content  "\\x1B한"

          """)
    }
  }

  @Test("An explanation is a table for each token, and for the one that ended the turn")
  func explain() async throws {
    try await FakeDaemon.run { address, seen, scratch in
      var outcome = await run(["explain", "--address", address, "--preset", "p", "Why?"], in: scratch)
      #expect(
        outcome.output == """
          1  " blue\\n\\x1B[2J"  token 42
             likeliest  " the" 60.7%
             STAGE               KEPT  REMOVED  ENTROPY  RANK  PROBABILITY
             (the model)        49152              7.50     -            -
             top_k␛[2J    40 of 49152    25.0%     4.25    12       <0.01%
             dist            40 of 40        -     4.25     2       >99.9%

          end of turn, "<|im_end|>"
             STAGE            KEPT  REMOVED  ENTROPY  RANK  PROBABILITY
             (the model)        40              4.25    12       <0.01%
             dist         40 of 40        -     4.25     2       >99.9%

          """)
      let options = try #require(seen.lastChat?.options)
      #expect(options.trace && options.maxTokens == 8 && options.preset == "p")
      outcome = await run(["explain", "--address", address, "--json", "Why?"], in: scratch)
      #expect(outcome.output.contains(#""massRemoved":0.25"#))
      #expect(outcome.output.split(separator: "\n").count == 6)
      _ = await run(
        ["explain", "--address", address, "--raw", "--max-tokens", "3"], input: "Once\n", in: scratch)
      let request = try #require(seen.generations.withLock { $0.last })
      #expect(request.text == "Once\n" && request.options.trace && request.options.maxTokens == 3)
      for arguments in [["--raw", "--template", "t", "x"], []] {
        outcome = await run(["explain", "--address", address] + arguments, in: scratch)
        #expect(outcome.status == .usage)
      }
    }
  }

  @Test("A table of stages is never wider than its terminal", arguments: [200, 70, 55, 48, 40, 24, 12, 3])
  func narrow(width: Int) {
    let text = TraceText.text(
      FakeDaemon.tracedToken.trace, head: TraceText.head(1, FakeDaemon.tracedToken), width: width)
    for line in text.split(separator: "\n") { #expect(DisplayWidth.of(line) <= width, "\(line)") }
    #expect(text.contains("PROBABILITY") == (width >= 40) && text.contains("ENTROPY") == (width >= 70))
  }

  @Test("A continuation is printed exactly; ids are taken as they are")
  func generate() async throws {
    try await FakeDaemon.run { address, seen, scratch in
      let outcome = await run(["generate", "--address", address, "--no-bos", "Once"], in: scratch)
      #expect(outcome.output == "…and on")
      _ = await run(
        ["generate", "--address", address, "--ids", "[1, 2,3]", "--temperature", "0"], in: scratch)
      let requests = seen.generations.withLock { $0 }
      try #require(requests.count == 2)
      #expect(requests[0].text == "Once" && requests[0].hasAddBos && !requests[0].addBos)
      #expect(requests[1].tokens.ids == [1, 2, 3])
      #expect(requests[1].options.sampling.hasTemperature && requests[1].options.sampling.temperature == 0)
    }
  }

  @Test("A reader that goes away ends the program quietly")
  func brokenPipe() async throws {
    signal(SIGPIPE, SIG_IGN)
    try await FakeDaemon.run { address, _, scratch in
      var ends: [Int32] = [0, 0]
      _ = pipe(&ends)
      close(ends[0])
      var console = Console()
      console.output = ends[1]
      console.error = open(scratch.file("err", ""), O_WRONLY)
      let status = await Console.$current.withValue(console) {
        await Workbench.run(["ps", "--address", address])
      }
      close(ends[1])
      close(console.error)
      #expect(status == .brokenPipe)
      #expect(Scratch.contents(scratch.file("err")) == "")
    }
  }
}

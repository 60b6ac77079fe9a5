import ArgumentParser
import Glibc
import RPC
import SwiftProtobuf
import Testing
import WorkbenchAPI

@testable import workbench

@Suite struct ArgumentTests {
  @Test("Only what was given is in the request, zeros included")
  func generation() throws {
    let none = try GenerationArguments.parse([])
    #expect(none.options == ProtoGenerationOptions())
    let all = try GenerationArguments.parse([
      "--temperature", "0", "--top-k", "0", "--top-p", "0.9", "--min-p", "0", "--repetition-penalty", "1.1",
      "--presence-penalty", "-0.5", "--frequency-penalty", "-1", "--penalty-last-n", "-1", "--seed", "0",
      "--max-tokens", "0", "--stop", "a", "--stop", "b", "--logprobs", "0", "--logit-bias", "15=-2.5",
      "--ignore-end", "--preset", "p", "--set", "xtc_probability=0.5", "--dry-sequence-breaker", "a",
      "--dry-sequence-breaker", "b",
      "--stage", "top_k:top_k=40", "--stage", "greedy", "--profile", "vllm", "--order", "temperature,top_p",
    ]).options
    let expected = try ProtoGenerationOptions(
      jsonString:
        #"{"maxTokens":0,"stop":["a","b"],"sampling":{"temperature":0,"topK":0,"topP":0.9,"minP":0,"#
        + #""repetitionPenalty":1.1,"presencePenalty":-0.5,"frequencyPenalty":-1,"penaltyLastN":-1,"#
        + #""seed":"0","profile":"vllm","order":["temperature","top_p"],"#
        + #""logitBias":{"15":-2.5},"chain":[{"name":"top_k","parameters":{"top_k":40}},{"name":"greedy"}],"#
        + #""other":{"xtc_probability":0.5},"drySequenceBreakers":{"texts":["a","b"]}},"#
        + #""topLogprobs":0,"ignoreEnd":true,"preset":"p"}"#)
    #expect(all == expected)
  }

  @Test("--order names a library, stages or both; --profile a profile, or as before a library")
  func orders() throws {
    func sampling(_ words: String...) throws -> ProtoSamplerSettings {
      try GenerationArguments.parse(words).options.sampling
    }
    for library in ["llama.cpp", "transformers", "vllm"] {
      #expect(try sampling("--order", library) == .with { $0.profile = library })
      #expect(try GenerationArguments.parse(["--profile", library]).options.hasProfile == false)
      #expect(try sampling("--profile", library) == .with { $0.profile = library })
    }
    #expect(try sampling("--order", "top_k,dist") == .with { $0.order = ["top_k", "dist"] })
    #expect(
      try sampling("--order", "vllm:top_k,dist")
        == .with {
          $0.profile = "vllm"
          $0.order = ["top_k", "dist"]
        })
    #expect(try GenerationArguments.parse(["--profile", "mine"]).options == .with { $0.profile = "mine" })
  }

  /// Every option that takes a number, and what its message says of its range.
  private static let numbers: [(command: [String], option: String, range: String)] =
    [
      ("max-tokens", "0 to 4294967295"), ("top-k", "-1 to 2147483647"),
      ("penalty-last-n", "-1 to 2147483647"),
      ("seed", "0 to 18446744073709551615"), ("logprobs", "0 to 4294967295"),
    ].flatMap { option, range in
      [["chat", "x"], ["generate", "x"], ["explain", "x"]].map { ($0, option, range) }
    }
    + [
      (["load", "x"], "context-length", "0 to 4294967295"), (["load", "x"], "threads", "0 to 4294967295"),
      (["load", "x"], "max-sequences", "0 to 4294967295"), (["load", "x"], "cache-bytes", "size"),
      (["template", "put", "x", "/dev/null"], "if-version", "0 to 4294967295"),
      (["template", "remove", "x"], "if-version", "0 to 4294967295"),
    ]

  @Test("A negative or huge number is told its range, not taken for an option")
  func ranges() async {
    for (command, option, range) in Self.numbers {
      for value in ["-2", "-99999999999999999999", "99999999999999999999999", "1.5", "", "x"]
      where option != "cache-bytes" || value != "1.5" {
        for words in [["--\(option)", value], ["--\(option)=\(value)"]] where words.last?.last != "=" {
          let outcome = await run(command + ["--address", "/x"] + words, in: Scratch())
          #expect(outcome.status == .usage)
          #expect(outcome.error.hasPrefix("workbench: The value '\(value)' is invalid for '--\(option) <"))
          #expect(outcome.error.contains("it must be a") && outcome.error.contains(range), "\(outcome.error)")
        }
      }
    }
  }

  @Test("-1 turns top_k off, as 0 does")
  func off() throws {
    let settings = try GenerationArguments.parse(["--top-k", "-1"]).options.sampling
    #expect(settings.hasTopK && settings.topK == 0)
  }

  @Test("Texts that begin with - are taken as they are")
  func dashes() throws {
    let options = try GenerationArguments.parse([
      "--stop", "-", "--stop", "-x", "--dry-sequence-breaker", "-1",
    ]).options
    #expect(options.stop == ["-", "-x"] && options.sampling.drySequenceBreakers.texts == ["-1"])
  }

  @Test("Words that begin with - are told how to be written")
  func dashHints() async {
    var outcome = await run(["detokenize", "-1"], in: Scratch())
    #expect(outcome.error.contains("workbench: words that begin with - are given after --\n"))
    outcome = await run(["chat", "--model", "-x"], in: Scratch())
    #expect(outcome.error.contains("workbench: a value that begins with - is written --model=VALUE\n"))
  }

  @Test("An argument that is not UTF-8 is told by its number and byte")
  func notUTF8() throws {
    func texts(_ words: [[UInt8]]) throws(ClientError) -> [String] {
      var pointers = words.map { word in
        let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: word.count + 1)
        for (index, byte) in (word + [0]).enumerated() { bytes[index] = CChar(bitPattern: byte) }
        return UnsafeMutablePointer<CChar>?.some(bytes)
      }
      pointers.append(nil)
      defer { for pointer in pointers { pointer?.deallocate() } }
      return try RawArguments.texts(&pointers)
    }
    #expect(try texts([Array("workbench".utf8), Array("chat".utf8), Array("é한".utf8)]) == ["chat", "é한"])
    #expect(try texts([]) == [])
    let error = #expect(throws: ClientError.self) {
      try texts([Array("workbench".utf8), Array("chat".utf8), [0x63, 0x61, 0xE9]])
    }
    #expect(error?.status == .usage && error?.message == #"argument 2 is not UTF-8 at byte 3: "ca\xE9""#)
  }

  @Test("A file that is not UTF-8 is told with the place")
  func fileNotUTF8() {
    let scratch = Scratch()
    let path = scratch.file("latin1.txt")
    let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
    _ = write(descriptor, [0x61, 0x0A, 0x62, 0xE9] as [UInt8], 4)
    close(descriptor)
    let error = #expect(throws: ClientError.self) { try FileInput.readText(path) }
    #expect(
      error?.message == "'\(path)' is not UTF-8 at byte 4, line 2: \"\\xE9\"" && error?.status == .usage)
  }

  @Test(
    "Stages and biases that cannot be read say why",
    arguments: ["", ":k=1", "a:k", "a:k=x", "a:k=1,k=2", "a:"])
  func stages(_ text: String) {
    #expect(throws: ValidationError.self) { try StageArgument.parse(text) }
    #expect(throws: ValidationError.self) { try StageArgument.parseBias(text) }
  }

  @Test("Settings that cannot be read say why", arguments: ["", "=1", "a", "a=", "a=x", "a:1"])
  func assignments(_ text: String) {
    #expect(throws: ValidationError.self) { try StageArgument.parseAssignment(text) }
  }

  @Test("A relative path starts at the client's folder")
  func paths() async throws {
    let load = try await Load.asyncParse(["a/b.gguf", "--cache-bytes", "1M"])
    #expect(try load.request(folder: "/home/x").path == "/home/x/a/b.gguf")
    #expect(try load.request(folder: "/").path == "/a/b.gguf")
    #expect(try load.request(folder: "/").cacheBytes == 1 << 20)
    let plain = try await Load.asyncParse(["/m.gguf"])
    #expect(try plain.request(folder: "/home/x").path == "/m.gguf")
    #expect(try !plain.request(folder: "/").hasName)
  }

  @Test("The socket's place follows the runtime directory")
  func address() {
    #expect(
      DefaultAddress.socketPath(runtimeDirectory: "/run/user/1") == "/run/user/1/workbench/workbenchd.sock")
    #expect(DefaultAddress.socketPath(runtimeDirectory: "/run/") == "/run/workbench/workbenchd.sock")
    #expect(DefaultAddress.socketPath(runtimeDirectory: nil) == "/tmp/workbench-\(getuid())/workbenchd.sock")
    #expect(DefaultAddress.socketPath(runtimeDirectory: "x") == "/tmp/workbench-\(getuid())/workbenchd.sock")
    #expect(DefaultAddress.resolve("host:1") == "host:1")
  }

  @Test("Every status code has an exit status, and none is success but OK")
  func statuses() {
    for code in StatusCode.allCases { #expect((ExitStatus(code) == .success) == (code == .ok)) }
    #expect(ExitStatus(.notFound) == .notFound && ExitStatus(.unavailable) == .unavailable)
  }

  @Test("One is counted in the singular")
  func counts() {
    var model = FakeDaemon.model("m")
    (model.restarts, model.vocabularySize) = (1, 1)
    (model.engine.cacheUsed, model.engine.cacheCapacity) = (1, 1)
    let text = ModelText.details(model)
    #expect(text.contains("process 42, 1 restart\n") && text.contains("  1 token\n"))
    #expect(text.contains("1 of 1 position\n"))
    var response = ProtoCompareTokenizersResponse()
    (response.lines, response.sameLines) = (1, 1)
    #expect(TokenText.comparison(response, names: ("a", "b")).hasSuffix("1 of 1 line has identical ids\n"))
  }

  @Test(
    "Numbers of any size from a daemon are printed", arguments: [0, 1, 3, UInt64.max / 100, .max - 1, .max])
  func hugeNumbers(_ number: UInt64) {
    var response = ProtoCompareTokenizersResponse()
    (response.bytes, response.lines, response.sameLines) = (number, number, number)
    response.bytesByScript = ["Latin": number]
    for tokens in [0, 1, 7, number] {
      response.left.tokens = tokens
      response.left.tokensByScript = ["Latin": tokens]
      (response.right.roundTripFailures, response.right.firstFailure) = (number, number)
      response.left.bytesPerSecond = Double(number)
      response.right.bytesPerSecond = .infinity
      #expect(TokenText.comparison(response, names: ("a", "b")).contains("bytes per token"))
    }
    var plugins = ProtoListPluginsResponse()
    plugins.plugins = [
      .with { plugin in
        plugin.state = .accepted
        plugin.offers = [
          .with { offer in
            (offer.calls, offer.meanNanoseconds, offer.faults) = (number, number, number)
          }
        ]
      }
    ]
    #expect(PluginText.table(plugins).contains("accepted"))
    var model = FakeDaemon.model("m")
    (model.parameterCount, model.fileBytes, model.cacheBytes) = (number, number, number)
    (model.workerPid, model.loadedAt.seconds) = (Int64(bitPattern: number), Int64(bitPattern: number))
    (model.engine.cacheUsed, model.engine.cacheCapacity) = (number, number)
    #expect(ModelText.details(model).contains("m"))
    var finish = ProtoGenerationFinish()
    finish.promptTokens = UInt32(truncatingIfNeeded: number)
    finish.cachedTokens = .max
    finish.timings.decode.seconds = Int64(bitPattern: number)
    finish.timings.queue.nanos = .min
    #expect(AnswerText.statistics(ProtoGenerationStart(), finish).contains("answer"))
    for value in [Double(number), -Double(number), .nan, .infinity, -.infinity, 1e300, -1e300] {
      _ = (Format.seconds(value), Format.share(value), Format.decimal(value, 3), Format.number(value))
      _ = Format.seconds(Google_Protobuf_Duration.with { $0.seconds = Int64(bitPattern: number) })
    }
  }

  @Test("Numbers are written for a person")
  func formats() {
    #expect(
      Format.bytes(0) == "0 B" && Format.bytes(1536) == "1.5 KiB" && Format.bytes(.max) == "16777216.0 TiB")
    #expect(
      Format.count(999) == "999" && Format.count(134_515_008) == "135 M"
        && Format.count(7_241_732_096) == "7.2 B")
    #expect(
      Format.seconds(0.254) == "0.25 s" && Format.seconds(59.96) == "60.0 s"
        && Format.seconds(90) == "1 min 30 s")
    #expect(Format.seconds(7500) == "2 h 5 min" && Format.seconds(200_000) == "2 d 7 h")
    #expect(
      Format.decimal(-0.04, 1) == "0.0" && Format.decimal(-1.25, 3) == "-1.250"
        && Format.decimal(.nan, 1) == "nan")
    #expect(Format.number(40) == "40" && Format.number(0.5) == "0.5" && Format.number(.infinity) == "inf")
  }
}

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
    #expect(load.request(folder: "/home/x").path == "/home/x/a/b.gguf")
    #expect(load.request(folder: "/").path == "/a/b.gguf")
    #expect(load.request(folder: "/").cacheBytes == 1 << 20)
    let plain = try await Load.asyncParse(["/m.gguf"])
    #expect(plain.request(folder: "/home/x").path == "/m.gguf")
    #expect(!plain.request(folder: "/").hasName)
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

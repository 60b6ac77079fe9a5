import ArgumentParser
import RPC
import SwiftProtobuf
import Testing
import WorkbenchAPI

@testable import workbench

@Suite struct CallFailureTests {
  private func explain(
    _ code: StatusCode, _ message: String, fields: [String: String] = [:], timeout: Duration? = nil,
    answered: Bool = false, namesOptions: Bool = true
  ) throws -> ClientError {
    var request = Google_Rpc_BadRequest()
    request.fieldViolations = fields.sorted { $0.key < $1.key }.map { field, description in
      .with {
        $0.field = field
        $0.description_p = description
      }
    }
    var status = Google_Rpc_Status()
    if !fields.isEmpty { status.details = [try Google_Protobuf_Any(message: request)] }
    let error = RPCError(code, message, details: Array(try status.serializedBytes() as [UInt8]))
    return CallFailure(
      error: error, address: "/d.sock", timeout: timeout, answered: answered, namesOptions: namesOptions
    ).explained
  }

  @Test(
    "A lost connection is told in words, and its exit status is that of an unreachable daemon",
    arguments: [
      "Socket closed", "Connection reset by peer", "recvmsg: Connection reset by peer", "Broken pipe",
    ])
  func lost(_ message: String) throws {
    let error = try explain(.unavailable, message)
    #expect(error.message == "the daemon closed the connection" && error.status == .unavailable)
    #expect(error.hint?.contains("workbench status") == true)
  }

  @Test("What the daemon itself says about an unavailable worker is kept")
  func worker() throws {
    let error = try explain(.unavailable, "the worker of m ended: Broken pipes are not it")
    #expect(error.message == "the worker of m ended: Broken pipes are not it" && error.status == .unavailable)
  }

  @Test("A call that the daemon ended without a word is told in words")
  func cancelled() throws {
    let error = try explain(.cancelled, "")
    #expect(
      error.message == "the daemon ended the call before it was answered" && error.status == .unavailable)
    #expect(error.hint?.contains("workbench status") == true)
  }

  @Test("A timeout names the option and its value, and whether an answer had begun")
  func timeout() throws {
    var error = try explain(.deadlineExceeded, "Deadline Exceeded", timeout: .milliseconds(300))
    #expect(error.message == "no answer within 0.3 s (--timeout)")
    error = try explain(.deadlineExceeded, "Deadline Exceeded", timeout: .seconds(5), answered: true)
    #expect(error.message == "the answer was cut off after 5 s (--timeout)")
    error = try explain(.deadlineExceeded, "the load took too long")
    #expect(error.message == "the load took too long", "without --timeout it is the daemon's own limit")
  }

  @Test("A message that is too large is told by its size and the limit that counts, in MiB")
  func oversized() throws {
    var error = try explain(.resourceExhausted, "Received message larger than max (6291456 vs. 4194304)")
    #expect(error.message == "the request has 6.0 MiB; the daemon takes at most 4.0 MiB at once")
    #expect(error.status == .usage && error.hint != nil)
    error = try explain(
      .resourceExhausted, "CLIENT: Received message larger than max (300000000 vs. 268435456)")
    #expect(error.message == "the answer has 286.1 MiB; this client takes at most 256.0 MiB at once")
    error = try explain(.resourceExhausted, "at most 16 models can be loaded")
    #expect(error.message == "at most 16 models can be loaded" && error.status == .refused)
  }

  @Test("Another server behind the address is told from the daemon")
  func otherServer() throws {
    let error = try explain(.unimplemented, "Received http2 header with status: 404")
    #expect(error.message == "what answers at /d.sock is not workbenchd" && error.status == .unavailable)
  }

  @Test(
    "A field is named as the option that was typed, but in a conversation as its setting",
    arguments: [
      ("options.sampling.temperature", "temperature is -1; it must be 0 to 1000000", "--temperature"),
      ("context_length", "/m/x.gguf: context_length is 0; it must be 1 to 8192", "--context-length"),
      ("options.top_logprobs", "top_logprobs: 1000 is too many", "--logprobs"),
      ("options.max_tokens", "max_tokens must be at least 1", "--max-tokens"),
      ("options.stop[0]", "stop[0]: the stop string is empty", "--stop"),
      ("document.window_tokens", "window_tokens is 0; it must be 1 to 512", "--window"),
      ("document.overlap_tokens", "choose a smaller overlap_tokens", "--overlap"),
    ])
  func options(_ field: String, _ message: String, _ option: String) throws {
    let name = field.split(separator: ".").last.map(String.init) ?? ""
    let error = try explain(.invalidArgument, message, fields: [field: message])
    #expect(error.message == message.replacing(name, with: option))
    #expect(error.hint == nil && error.status == .usage)
    let setting = name == "top_logprobs" ? "logprobs" : name
    #expect(
      try explain(.invalidArgument, message, fields: [field: message], namesOptions: false).message
        == message.replacing(name, with: setting))
  }

  @Test("The option that a message advises is named, too")
  func advice() throws {
    let message = "the context has 600 tokens; shorten it, or set truncate_context"
    let error = try explain(
      .outOfRange, message, fields: ["continuations.continuations[0]": message])
    #expect(error.message == "the context has 600 tokens; shorten it, or set --truncate")
  }

  @Test("A name inside a longer word or a path is not taken for the field")
  func wholeWords() throws {
    let message = "/models/threads/x.gguf: multithreads is 0"
    #expect(try explain(.invalidArgument, message, fields: ["threads": message]).message == message)
  }

  @Test("Details that the message lacks become the hint")
  func hints() throws {
    let error = try explain(.invalidArgument, "the request is invalid", fields: ["a": "x", "b": "y"])
    #expect(error.hint == "a: x; b: y")
    #expect(try explain(.internal, "").message == "INTERNAL")
  }

  @Test(
    "A mistyped command is told, with the nearest one",
    arguments: [
      (["lod", "x"], "'lod' is not a command of 'workbench'", "did you mean 'workbench load'?"),
      (
        ["--address", "/x", "shwo"], "'shwo' is not a command of 'workbench'",
        "did you mean 'workbench show'?"
      ),
      (
        ["template", "lst"], "'lst' is not a command of 'workbench template'",
        "did you mean 'workbench template list'?"
      ),
      (
        ["discussion"], "'discussion' is not a command of 'workbench'",
        "'workbench help' lists the commands"
      ),
      (
        ["sampler", "nothing"], "'nothing' is not a command of 'workbench sampler'",
        "'workbench sampler --help' lists the commands"
      ),
    ])
  func commands(_ arguments: [String], _ message: String, _ hint: String) async {
    let scratch = Scratch()
    let outcome = await run(arguments, in: scratch)
    #expect(outcome.error == "workbench: \(message)\nworkbench: \(hint)\n")
    #expect(outcome.status == .usage)
  }

  @Test("Words after a command that exists are not taken for commands")
  func noMistake() {
    for arguments in [
      ["load"], ["chat", "lod"], ["help", "lod"], ["list"], [], ["--address"], ["template"],
    ] {
      #expect(CommandNames.mistake(in: arguments) == nil || arguments == ["help", "lod"])
    }
  }

  @Test(
    "Help for a command that does not exist is an error too",
    arguments: [["lod", "--help"], ["help", "lod"]])
  func helpForNothing(_ arguments: [String]) async {
    let outcome = await run(arguments, in: Scratch())
    #expect(outcome.status == .usage && outcome.output == "")
    #expect(outcome.error.contains("did you mean 'workbench load'?"))
  }

  @Test(
    "A near name is suggested, a far one is not",
    arguments: [
      ("tempalte", "template"), ("retyr", "retry"), ("hlep", "help"), ("sohw", "show"), ("q", nil),
      ("elephant", nil), ("", nil), ("chta", "chat"),
    ] as [(String, String?)])
  func suggestions(_ word: String, _ name: String?) {
    let names = ["template", "retry", "help", "show", "chat", "quit"]
    #expect(Suggestion.nearest(to: word, among: names) == name)
  }
}

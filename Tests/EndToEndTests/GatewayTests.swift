import Foundation
import Glibc
import TestSupport
import Testing
import WorkbenchAPI

@Suite("The gateway, from clients of other APIs", .serialized)
struct GatewayTests {
  private static let python = InteroperationTests.python

  @Test(
    "The official clients of OpenAI and Anthropic get what gRPC's get, and each refusal names its parameter",
    .enabled(if: python != nil, "needs WORKBENCH_TEST_PYTHON, which make test sets"),
    arguments: ["gateway_openai.py", "gateway_anthropic.py"])
  func clients(script: String) async throws {
    let daemon = try await withModel()
    let gateway = try await TestGateway(daemon)
    let python = try #require(Self.python)
    let stubs = daemon.folder.file("stubs")
    let generate = InteroperationTests.root.appendingPathComponent("examples/python/generate.sh")
    let generated = try await run(generate, [python, stubs])
    #expect(generated.status == 0, "\(generated.error)")
    try await check(script, [gateway.url, "unix:\(daemon.socket)", stubs, "m"])
  }

  @Test(
    "Wrong bodies, slow and absent readers, and more connections than fit, while a good client is answered",
    .enabled(if: python != nil, "needs WORKBENCH_TEST_PYTHON, which make test sets"))
  func hostile() async throws {
    let daemon = try await withModel()
    let gateway = try await TestGateway(daemon)
    let place = gateway.url.replacingOccurrences(of: "http://", with: "")
    try await check("gateway_hostile.py", [place, "m", "\(gateway.processID)"])
    #expect(gateway.isRunning)
  }

  @Test("llama-server's calls tokenize, detokenize and render; health follows the daemon")
  func llamaServer() async throws {
    let daemon = try await withModel()
    let gateway = try await TestGateway(daemon)
    let tokens = try await http(gateway, "/tokenize", #"{"content": "Once upon"}"#)
    let ids = try #require((tokens.json["tokens"] as? [Int]))
    #expect(tokens.status == 200 && !ids.isEmpty)
    let text = try await http(gateway, "/detokenize", "{\"tokens\": \(ids)}")
    #expect(text.json["content"] as? String == "Once upon")
    let pieces = try await http(
      gateway, "/tokenize", #"{"content": "Once", "with_pieces": true, "model": "m"}"#)
    #expect((pieces.json["tokens"] as? [[String: Any]])?.first?["id"] as? Int == ids.first)
    let prompt = try await http(
      gateway, "/apply-template", #"{"messages": [{"role": "user", "content": "Hi"}], "template": "chatml"}"#)
    #expect((prompt.json["prompt"] as? String)?.contains("<|im_start|>user\nHi<|im_end|>") == true)
    #expect(try await http(gateway, "/health", nil).json["status"] as? String == "ok")
    #expect(try await http(gateway, "/tokenize", #"{"content": 5}"#).status == 400)
  }

  @Test("A daemon that is gone is told with 503 and Retry-After, and the gateway is back with it")
  func restarts() async throws {
    var daemon = try await withModel()
    let gateway = try await TestGateway(daemon)
    let body = #"{"model": "m", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}"#
    #expect(try await http(gateway, "/v1/chat/completions", body).status == 200)
    let folder = daemon.folder
    daemon.send(SIGKILL)
    _ = await daemon.waitForExit()
    let gone = try await http(gateway, "/v1/chat/completions", body)
    #expect(gone.status == 503 && gone.retryAfter != nil, "\(gone)")
    #expect(((gone.json["error"] as? [String: Any])?["message"] as? String)?.isEmpty == false)
    #expect(try await http(gateway, "/health", nil).status == 503)
    daemon = try await TestDaemon([], folder: folder)
    try await daemon.load(folder.file("m.gguf"), name: "m") { $0.template = "chatml" }
    #expect(try await eventually { try await http(gateway, "/v1/chat/completions", body).status == 200 })
  }

  @Test("With a file of tokens, each call needs one with the right role")
  func tokens() async throws {
    let daemon = try await withModel()
    let file = daemon.folder.file("tokens")
    var secrets: [String: String] = [:]
    for role in ["read", "use", "manage"] {
      let made = try await run(
        Products.url("workbench"), ["token", "create", role, "--role", role, "--file", file])
      #expect(made.status == 0, "\(made.error)")
      secrets[role] = made.output.split(separator: "\n").first { $0.hasPrefix("wb_") }.map(String.init)
    }
    let gateway = try await TestGateway(daemon, ["--tokens", file])
    let chat = #"{"model": "m", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}"#
    let unload = ("/api/workbench.v1.Models/Unload", #"{"name": "nobody"}"#)
    #expect(try await http(gateway, "/v1/models", nil).status == 401)
    #expect(try await http(gateway, "/v1/models", nil, token: "wb_wrong").status == 401)
    for (role, list, answer, change) in [
      ("read", 200, 403, 403), ("use", 200, 200, 403), ("manage", 200, 200, 404),
    ] {
      let token = try #require(secrets[role])
      #expect(try await http(gateway, "/v1/models", nil, token: token).status == list, "\(role)")
      #expect(try await http(gateway, "/v1/chat/completions", chat, token: token).status == answer, "\(role)")
      #expect(try await http(gateway, unload.0, unload.1, token: token).status == change, "\(role)")
    }
  }

  @Test("Without tokens the page's key may change things, and nobody else")
  func pageKey() async throws {
    let daemon = try await withModel()
    let gateway = try await TestGateway(daemon)
    let put = #"{"name": "mine", "source": "{{ messages[0].content }}"}"#
    let path = "/api/workbench.v1.Templates/Put"
    #expect(try await http(gateway, path, put).status == 403)
    #expect(try await http(gateway, path, put, token: "anything").status == 403)
    let done = try await http(gateway, path, put, token: gateway.pageKey)
    #expect(done.status == 200, "\(done)")
  }

  @Test(
    "What cannot be listened on is refused with what would be right",
    arguments: [
      ("0.0.0.0:0", "--tokens"), ("nonsense", "host:port"), (":8080", "host"),
      ("203.0.113.1:1", "other machines"),
    ])
  func refused(address: String, words: String) async throws {
    let result = try await run(Products.url("workbench-gateway"), ["--listen", address])
    #expect(result.status == 1 && result.error.contains(words), "\(result)")
    #expect(result.error.split(separator: "\n").count == 1)
  }

  private func withModel() async throws -> TestDaemon {
    let daemon = try await TestDaemon()
    try TinyModel.write(to: daemon.folder.file("m.gguf")) { $0.context = 32768 }
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m") { $0.template = "chatml" }
    return daemon
  }

  private func check(_ script: String, _ arguments: [String]) async throws {
    let python = try #require(Self.python)
    let path = InteroperationTests.root.appendingPathComponent("Tests/EndToEndTests/Python/\(script)").path
    let result = try await run(URL(fileURLWithPath: python), [path] + arguments)
    #expect(result.status == 0 && result.output.hasSuffix("ok\n"), "\(result.output)\(result.error)")
  }

  private struct Answer {
    var status: Int
    var json: [String: Any]
    var retryAfter: String?
  }

  /// One request, with curl: POST where there is a body.
  private func http(
    _ gateway: TestGateway, _ path: String, _ body: String?, token: String? = nil
  ) async throws -> Answer {
    var arguments = ["-sS", "-D", "/dev/stderr", "-w", "\n%{http_code}", gateway.url + path]
    if let body { arguments += ["-H", "content-type: application/json", "-d", body] }
    if let token { arguments += ["-H", "authorization: Bearer \(token)"] }
    let result = try await run(URL(fileURLWithPath: "/usr/bin/curl"), arguments)
    var lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    let status = lines.popLast().flatMap { Int($0) } ?? 0
    let text = lines.joined(separator: "\n")
    let json = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let retry = result.error.split(separator: "\n").first { $0.lowercased().hasPrefix("retry-after:") }
    return Answer(status: status, json: json ?? [:], retryAfter: retry.map(String.init))
  }
}

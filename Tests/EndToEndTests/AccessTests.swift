import Foundation
import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("The locked door of a real daemon", .serialized, .timeLimit(.minutes(60)))
struct AccessTests {
  private func workbench(_ arguments: [String]) async throws -> (status: Int32, output: String, error: String)
  {
    try await run(Products.url("workbench"), arguments)
  }

  @Test("Callers over TCP need a token that counts until it is revoked; the owner needs none")
  func tokens() async throws {
    let folder = try TemporaryFolder()
    let file = folder.file("tokens")
    var secrets: [String: String] = [:]
    for role in ["read", "use", "manage"] {
      let created = try await workbench(["token", "create", role, "--role", role, "--tokens-file", file])
      #expect(created.status == 0, "\(created.error)")
      secrets[role] = try folder.write(role, Array(created.output.utf8))
    }
    let daemon = try await TestDaemon([
      "--listen", "127.0.0.1:0", "--insecure-listen", "--tokens", file, "--model-folder", folder.path,
    ])
    let address = try #require(try await daemon.status().addresses.last)
    #expect(address.hasPrefix("127.0.0.1:"))
    try TinyModel.write(to: folder.file("tiny.gguf"))
    func call(_ arguments: [String], _ role: String?) async throws -> (
      status: Int32, output: String, error: String
    ) {
      try await workbench(
        arguments + ["--address", address] + (role.map { ["--token-file", secrets[$0] ?? ""] } ?? []))
    }
    let none = try await call(["status"], nil)
    #expect(none.status == 1 && none.error.contains("workbench token create"), "\(none.error)")
    #expect(try await call(["status"], "read").status == 0)
    // A proxy that the environment names is not used.
    let proxy = "http://127.0.0.1:1"
    let proxied = try await run(
      Products.url("workbench"),
      ["status", "--address", address.replacing("127.0.0.1", with: "localhost")],
      environment: [
        "http_proxy": proxy, "https_proxy": proxy, "grpc_proxy": proxy,
        "WORKBENCH_TOKEN_FILE": secrets["read"] ?? "",
      ])
    #expect(proxied.status == 0, "\(proxied.error)")
    let small = try await call(["load", folder.file("tiny.gguf")], "read")
    #expect(small.status == 1 && small.error.contains("needs the role 'use'"), "\(small.error)")
    let outside = try await call(["load", "/etc/passwd"], "use")
    #expect(outside.status == 1 && outside.error.contains("model_folders"), "\(outside.error)")
    let loaded = try await call(["load", folder.file("tiny.gguf")], "use")
    #expect(loaded.status == 0, "\(loaded.error)")
    #expect(try await call(["unload", "tiny"], "use").status == 1)
    #expect(try await call(["unload", "tiny"], "manage").status == 0)
    // A stream that runs keeps running; its token's next call is refused.
    #expect(try await workbench(["token", "revoke", "read", "--tokens-file", file]).status == 0)
    let revoked = try await call(["status"], "read")
    #expect(revoked.status == 1 && revoked.error.contains("unknown or was revoked"), "\(revoked.error)")
    #expect(try await workbench(["status", "--address", daemon.socket]).status == 0)
  }

  @Test(
    "With TLS and tokens, a caller needs both; a new certificate and a revoked token leave its stream alone")
  func tlsAndTokens() async throws {
    let folder = try TemporaryFolder()
    func install(_ name: String) throws {
      for (from, to) in [("\(name).pem", "cert.pem"), ("\(name)-key.pem", "key.pem")] {
        let bytes = try Data(contentsOf: NetworkTests.fixtures.appendingPathComponent(from))
        try bytes.write(to: URL(fileURLWithPath: folder.file(to)), options: .atomic)
      }
    }
    func authority(_ name: String) -> String {
      NetworkTests.fixtures.appendingPathComponent("\(name)-ca.pem").path
    }
    try install("first")
    let tokens = folder.file("tokens")
    let created = try await workbench(["token", "create", "ci", "--role", "use", "--tokens-file", tokens])
    let secret = try folder.write("ci", Array(created.output.utf8))
    try TinyModel.write(to: folder.file("tiny.gguf"))
    let daemon = try await TestDaemon([
      "--listen", "127.0.0.1:0", "--tokens", tokens, "--model-folder", folder.path,
      "--tls-cert", folder.file("cert.pem"), "--tls-key", folder.file("key.pem"),
    ])
    let address = try #require(try await daemon.status().addresses.last)
    func call(_ arguments: [String], ca: String?, token: String?) async throws -> (
      status: Int32, output: String, error: String
    ) {
      let credentials =
        (ca.map { ["--ca", authority($0)] } ?? []) + (token.map { ["--token-file", $0] } ?? [])
      return try await workbench(arguments + ["--address", "https://\(address)"] + credentials)
    }
    let trusted = try await call(["load", folder.file("tiny.gguf")], ca: "first", token: secret)
    #expect(trusted.status == 0, "\(trusted.error)")
    let untrusted = try await call(["status"], ca: nil, token: secret)
    #expect(
      untrusted.status != 0 && untrusted.error.contains("not signed by a trusted"), "\(untrusted.error)")
    let nobody = try await call(["status"], ca: "first", token: nil)
    #expect(nobody.status == 1 && nobody.error.contains("token"), "\(nobody.error)")
    let plain = try await workbench(["status", "--address", "http://\(address)", "--token-file", secret])
    #expect(plain.status != 0 && !plain.output.contains("tiny"), "\(plain.output)\(plain.error)")

    // One stream stays open over both changes: it is not read on until they have happened.
    var options = ChannelOptions()
    options.tls = ChannelTLS(roots: try String(contentsOfFile: authority("first"), encoding: .utf8))
    let channel = try Channel(to: try Target(parsing: address), options: options)
    defer { channel.close() }
    var metadata = CallOptions()
    let secretText = created.output.trimmingCharacters(in: .whitespacesAndNewlines)
    metadata.metadata = ["authorization": .text("Bearer \(secretText)")]
    let request = ProtoGenerateRequest.continuing("a", of: "tiny") { $0.maxTokens = 100 }
    var stream = try await channel.serverStreaming(GenerationMethods.generate, request, options: metadata)
      .makeAsyncIterator()
    var completion = Completion()
    if let first = try await stream.next() { completion.add(first) }
    try install("second")
    #expect(try await workbench(["token", "revoke", "ci", "--tokens-file", tokens]).status == 0)
    var renewed = try await call(["status"], ca: "second", token: secret)
    while renewed.error.contains("not signed by a trusted") {
      try await Task.sleep(for: .milliseconds(100))
      renewed = try await call(["status"], ca: "second", token: secret)
    }
    #expect(renewed.status == 1 && renewed.error.contains("unknown or was revoked"), "\(renewed.error)")
    while let next = try await stream.next() { completion.add(next) }
    #expect(completion.ids.count == 100 && completion.finish != nil)
  }

  @Test(
    "A daemon refuses to start without what a TCP address needs, and says what to add",
    arguments: [
      (["--listen", "0.0.0.0:0"], "--tls-cert"), (["--listen", "127.0.0.1:0"], "--insecure-listen"),
      (["--listen", "0.0.0.0:0", "--insecure-listen"], "only for loopback"),
      (["--listen", "127.0.0.1:0", "--insecure-listen", "--tokens", "/nosuch"], "cannot open '/nosuch'"),
      (["--listen", "http://127.0.0.1:0"], "HOST:PORT"),
      (["--tls-cert", "/c.pem", "--tls-key", "/k.pem"], "add --listen HOST:PORT"),
      (["--model-folder", "/nosuch"], "cannot find '/nosuch'"),
      (["--model-folder", "/etc/passwd"], "'/etc/passwd' is not a folder"),
    ])
  func listen(arguments: [String], message: String) async throws {
    let folder = try TemporaryFolder()
    let outcome = try await run(
      Products.url("workbenchd"), ["--socket", folder.file("s")] + arguments,
      environment: ["XDG_DATA_HOME": folder.path, "XDG_STATE_HOME": folder.path])
    #expect(outcome.status == 1 && outcome.error.contains(message), "\(outcome.error)")
  }
}

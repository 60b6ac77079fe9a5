import Foundation
import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("The locked door of a real daemon", .serialized, .timeLimit(.minutes(5)))
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
    "A daemon refuses to start without what a TCP address needs, and says what to add",
    arguments: [
      (["--listen", "0.0.0.0:0"], "--tls-cert"), (["--listen", "127.0.0.1:0"], "--insecure-listen"),
      (["--listen", "0.0.0.0:0", "--insecure-listen"], "only for loopback"),
      (["--listen", "127.0.0.1:0", "--insecure-listen", "--tokens", "/nosuch"], "cannot open '/nosuch'"),
      (["--listen", "http://127.0.0.1:0"], "HOST:PORT"),
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

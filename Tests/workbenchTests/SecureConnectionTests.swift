import Access
import FrameGuard
import Glibc
import RPC
import Synchronization
import Testing
import WorkbenchAPI

@testable import workbench

@Suite("Connections with TLS and tokens", .timeLimit(.minutes(60))) struct SecureConnectionTests {
  /// What the metadata `authorization` of each call held.
  private final class Tokens: Sendable {
    let seen = Mutex<[String?]>([])
  }

  /// Runs `body` with the port of a daemon on TCP that notes the tokens that it is sent.
  private func withDaemon(
    _ keys: (certificate: String, key: String)?, clientRoots: String? = nil,
    _ body: (Int, Scratch, Tokens) async throws -> Void
  ) async throws {
    let scratch = Scratch()
    let tokens = Tokens()
    var routes = RouteTable()
    routes.unary(ModelsMethods.list) { _, context in
      tokens.seen.withLock { $0.append(context.metadata["authorization"]) }
      return ProtoListModelsResponse()
    }
    let server = try Server(configuration: ServerConfiguration(), routes: routes)
    _ = try await server.start()
    let files = try keys.map { keys in
      try TLSFiles(
        certificate: scratch.file("server.pem", keys.certificate),
        key: scratch.file("server-key.pem", keys.key),
        clientCA: clientRoots.map { scratch.file("client-ca.pem", $0) })
    }
    // On a busy machine a client may be late.
    var limits = GuardLimits()
    (limits.handshake, limits.settingsTime, limits.headerTime) = (
      .seconds(3600), .seconds(3600), .seconds(3600)
    )
    let listener = GuardedListener(limits: limits, tls: files, log: { _ in }) { descriptor, address in
      try server.adopt(descriptor: descriptor, peer: .tcp(address))
    }
    let port = try await listener.start(at: [("127.0.0.1", 0)])[0].port
    try await body(port, scratch, tokens)
    await server.shutdown(drain: .zero)
    await listener.stop()
  }

  private func ps(_ address: String, _ arguments: [String] = [], _ scratch: Scratch) async -> Outcome {
    await run(["ps", "--address", address, "--timeout", "3600"] + arguments, in: scratch)
  }

  @Test("The token goes to a daemon with a trusted certificate")
  func trusted() async throws {
    try await withDaemon(TestCertificates.local) { port, scratch, tokens in
      let authority = scratch.file("ca.pem", TestCertificates.authority)
      let token = scratch.file("token", "wb_secret\n")
      for address in ["https://localhost:\(port)", "127.0.0.1:\(port)"] {
        let outcome = await ps(address, ["--ca", authority, "--token-file", token], scratch)
        #expect(outcome.status == .success, "\(outcome.error)")
      }
      #expect(tokens.seen.withLock { $0 } == ["Bearer wb_secret", "Bearer wb_secret"])
      let without = await ps("https://localhost:\(port)", ["--ca", authority], scratch)
      #expect(without.status == .success && tokens.seen.withLock { $0.last } == .some(nil))
    }
  }

  @Test("A daemon that asks for a client's certificate gets it")
  func clientCertificate() async throws {
    try await withDaemon(TestCertificates.local, clientRoots: TestCertificates.authority) {
      port, scratch, tokens in
      let roots = ["--ca", scratch.file("ca.pem", TestCertificates.authority)]
      let key = scratch.file("key.pem", TestCertificates.other.key)
      let identity = [
        "--client-cert", scratch.file("cert.pem", TestCertificates.other.certificate), "--client-key", key,
      ]
      let outcome = await ps("https://localhost:\(port)", roots + identity, scratch)
      #expect(outcome.status == .success, "\(outcome.error)")
      let without = await ps("https://localhost:\(port)", roots, scratch)
      #expect(without.status == .unavailable, "\(without.error)")
      #expect(tokens.seen.withLock { $0.count } == 1)
      let half = await ps("https://localhost:\(port)", roots + ["--client-key", key], scratch)
      #expect(half.status == .usage && half.error.contains("must be given together"))
      let swapped = ["--client-cert", key, "--client-key", key]
      let wrong = await ps("https://localhost:\(port)", roots + swapped, scratch)
      #expect(wrong.status == .usage && wrong.error.contains("no certificate in PEM form"))
    }
  }

  @Test("An unknown host is named in plain words")
  func unknownHost() async {
    let outcome = await ps("https://no-such-host.invalid:1", [], Scratch())
    #expect(outcome.status == .unavailable && outcome.error.contains("is not known"), "\(outcome.error)")
  }

  @Test("Another authority, another name and no TLS are told apart, and no token is sent")
  func untrusted() async throws {
    let token = "wb_secret\n"
    try await withDaemon(TestCertificates.local) { port, scratch, tokens in
      let files = ["--token-file", scratch.file("token", token)]
      let stranger = scratch.file("ca.pem", TestCertificates.stranger)
      let signed = await ps("https://localhost:\(port)", ["--ca", stranger] + files, scratch)
      #expect(
        signed.status == .unavailable && signed.error.contains("not signed by a trusted authority"),
        "\(signed.error)")
      let system = await ps("https://localhost:\(port)", files, scratch)
      #expect(
        system.status == .unavailable && system.error.contains("not signed by a trusted authority"),
        "\(system.error)")
      let plain = await ps("http://localhost:\(port)", files, scratch)
      #expect(plain.status == .unavailable, "\(plain.error)")
      #expect(tokens.seen.withLock { $0 } == [])
    }
    try await withDaemon(TestCertificates.other) { port, scratch, tokens in
      let files = ["--token-file", scratch.file("token", token)]
      let authority = scratch.file("ca.pem", TestCertificates.authority)
      let name = await ps("https://localhost:\(port)", ["--ca", authority] + files, scratch)
      #expect(name.status == .unavailable && name.error.contains("is for another name"), "\(name.error)")
      #expect(tokens.seen.withLock { $0 } == [])
    }
    try await withDaemon(nil) { port, scratch, tokens in
      let files = ["--token-file", scratch.file("token", token)]
      let outcome = await ps("https://localhost:\(port)", files, scratch)
      #expect(
        outcome.status == .unavailable && outcome.error.contains("does not speak TLS"), "\(outcome.error)")
      #expect(tokens.seen.withLock { $0 } == [])
      // On this machine the token may go in plain text.
      let local = await ps("http://localhost:\(port)", files, scratch)
      #expect(local.status == .success && tokens.seen.withLock { $0 } == ["Bearer wb_secret"])
    }
  }

  @Test("A token is not sent in plain text to another machine, nor read from a file that others can open")
  func refused() async throws {
    let scratch = Scratch()
    let token = scratch.file("token", "wb_secret\n")
    let remote = await ps("http://192.0.2.1:1", ["--token-file", token], scratch)
    #expect(remote.status == .usage && remote.error.contains("the token is not sent to http://192.0.2.1:1"))
    chmod(token, 0o644)
    let open = await ps("127.0.0.1:1", ["--token-file", token], scratch)
    #expect(open.status == .usage && open.error.contains("chmod 600"))
    let missing = await ps("127.0.0.1:1", ["--token-file", scratch.file("nosuch")], scratch)
    #expect(missing.status == .notFound)
    for text in ["", "two words", "wb_é"] {
      let bad = await ps("127.0.0.1:1", ["--token-file", scratch.file("bad", text)], scratch)
      #expect(bad.status == .usage && bad.error.contains("does not hold a token"), "\(text)")
    }
    let roots = await ps("https://127.0.0.1:1", ["--ca", scratch.file("ca", "no PEM")], scratch)
    #expect(roots.status == .usage && roots.error.contains("no certificate in PEM form"))
  }
}

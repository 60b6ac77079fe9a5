import Foundation
import FrameGuard
import RPC
import Testing

@Suite("TLS whose files change", .timeLimit(.minutes(60))) struct TLSTests {
  /// A folder with a certificate and a key that tests replace.
  private final class Files: Sendable {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("guard-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// Puts a certificate and a key of the fixtures into place.
    func put(certificate: String, key: String) throws {
      try Data(TLSTests.fixture(certificate).utf8).write(
        to: URL(fileURLWithPath: path("cert.pem")), options: .atomic)
      try Data(TLSTests.fixture(key).utf8).write(to: URL(fileURLWithPath: path("key.pem")), options: .atomic)
    }

    func tls(clientCA: String? = nil) throws -> TLSFiles {
      try TLSFiles(certificate: path("cert.pem"), key: path("key.pem"), clientCA: clientCA)
    }
  }

  private static func url(_ name: String) throws -> URL {
    try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "pem"))
  }

  fileprivate static func fixture(_ name: String) throws -> String {
    try String(contentsOf: url(name), encoding: .utf8)
  }

  private static func trusting(_ authority: String, as client: String? = nil) throws -> ChannelTLS {
    ChannelTLS(
      roots: try fixture(authority),
      identity: try client.map { (certificates: try fixture($0), privateKey: try fixture("\($0)-key")) })
  }

  /// Whether a new connection is served under an authority.
  private func isServed(_ door: Door, _ tls: ChannelTLS) async -> Bool {
    do {
      let channel = try door.channel(tls)
      defer { channel.close() }
      return try await channel.unary(Echo.say, [7], options: CallOptions(timeout: .seconds(3600))) == [7]
    } catch {
      return false
    }
  }

  @Test("Calls go over TLS with the caller's address, and plain text is refused")
  func calls() async throws {
    let files = try Files()
    try files.put(certificate: "first", key: "first-key")
    try await withDoor(tls: files.tls()) { door in
      let channel = try door.channel(Self.trusting("first-ca"))
      let address = String(decoding: try await channel.unary(Echo.peer, []), as: UTF8.self)
      #expect(address.hasPrefix("127.0.0.1:"))
      let large = [UInt8](repeating: 3, count: 3_000_000)
      #expect(try await channel.unary(Echo.say, large) == large)
      channel.close()
      #expect(await !isServed(door, try Self.trusting("second-ca")))
      let plain = try RawClient(port: door.port)
      await plain.send(Frame.hello)
      _ = await plain.readToEnd()
    }
  }

  @Test("A replaced certificate serves new connections, and a running stream goes on")
  func replaced() async throws {
    let files = try Files()
    try files.put(certificate: "first", key: "first-key")
    try await withDoor(tls: files.tls()) { door in
      let channel = try door.channel(Self.trusting("first-ca"))
      let (requests, answers) = try await channel.bidirectional(Echo.talk)
      var iterator = answers.makeAsyncIterator()
      try await requests.send([1])
      #expect(try await iterator.next() == [1])
      try files.put(certificate: "second", key: "second-key")
      try await until { door.lines.all.contains { $0.contains("was replaced") } }
      #expect(await isServed(door, try Self.trusting("second-ca")))
      #expect(await !isServed(door, try Self.trusting("first-ca")))
      try await requests.send([2])
      #expect(try await iterator.next() == [2])
      try await requests.finish()
      #expect(try await iterator.next() == nil)
      channel.close()
    }
  }

  @Test("A replacement that cannot be used is logged once, and the old certificate stays")
  func broken() async throws {
    let files = try Files()
    try files.put(certificate: "first", key: "first-key")
    try await withDoor(tls: files.tls()) { door in
      try Data("none".utf8).write(to: URL(fileURLWithPath: files.path("cert.pem")))
      try await until { door.lines.all.contains { $0.contains("cert.pem' has no certificate") } }
      #expect(await isServed(door, try Self.trusting("first-ca")))
      try files.put(certificate: "first", key: "second-key")
      try await until { door.lines.all.contains { $0.contains("does not belong to the certificate") } }
      #expect(await isServed(door, try Self.trusting("first-ca")))
      try FileManager.default.removeItem(atPath: files.path("key.pem"))
      try await until { door.lines.all.contains { $0.contains("No such file") } }
      #expect(await isServed(door, try Self.trusting("first-ca")))
      try files.put(certificate: "second", key: "second-key")
      try await until { door.lines.all.contains { $0.contains("was replaced") } }
      #expect(await isServed(door, try Self.trusting("second-ca")))
    }
  }

  @Test("With authorities for clients, only a client with a certificate by one of them is served")
  func clientCertificates() async throws {
    let files = try Files()
    try files.put(certificate: "first", key: "first-key")
    try await withDoor(tls: files.tls(clientCA: Self.url("first-ca").path)) { door async throws in
      #expect(await isServed(door, try Self.trusting("first-ca", as: "client")))
      #expect(await !isServed(door, try Self.trusting("first-ca")))
      #expect(await !isServed(door, try Self.trusting("first-ca", as: "second")))
    }
  }

  @Test("Files that cannot be used are refused at the start, by name")
  func refused() throws {
    let files = try Files()
    func refusal() -> String {
      do {
        _ = try files.tls()
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(refusal().contains("cert.pem': No such file"))
    try files.put(certificate: "first-key", key: "first-key")
    #expect(refusal().contains("cert.pem' has no certificate"))
    try files.put(certificate: "first", key: "first")
    #expect(refusal().contains("key.pem' has no private key"))
    try files.put(certificate: "first", key: "second-key")
    #expect(refusal().contains("does not belong"))
  }
}

import Foundation
import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("The daemon at a TCP address", .serialized, .timeLimit(.minutes(60)))
struct NetworkTests {
  static let fixtures = InteroperationTests.root.appendingPathComponent(
    "Tests/FrameGuardTests/Fixtures")

  private static func fixture(_ name: String) throws -> String {
    try String(contentsOf: fixtures.appendingPathComponent("\(name).pem"), encoding: .utf8)
  }

  /// The TCP address that a daemon got.
  private static func address(_ daemon: TestDaemon) async throws -> Target {
    let addresses = try await daemon.status().addresses
    return try Target(parsing: try #require(addresses.first { !$0.hasPrefix("unix:") }))
  }

  @Test("Calls go over TCP with TLS, and the status tells every limit with its counter")
  func calls() async throws {
    let daemon = try await TestDaemon([
      "--listen", "127.0.0.1:0", "--insecure-listen", "--tls-cert",
      Self.fixtures.appendingPathComponent("first.pem").path,
      "--tls-key", Self.fixtures.appendingPathComponent("first-key.pem").path,
    ])
    var options = ChannelOptions()
    options.tls = ChannelTLS(roots: try Self.fixture("first-ca"))
    let channel = try Channel(to: try await Self.address(daemon), options: options)
    defer { channel.close() }
    let status = try await channel.unary(DaemonMethods.status, ProtoDaemonStatusRequest())
    #expect(status.pid == Int64(daemon.processID))
    let connections = try #require(status.limits.first { $0.name == "connections" })
    #expect(connections.count == 1 && connections.limit == 128 && connections.hits == 0)
    #expect(status.limits.count == 19 && status.limits.allSatisfy { !$0.meaning.isEmpty })
  }

  @Test(
    "A client that pings every five seconds keeps its connection, idle or waiting for its stream",
    .enabled(if: InteroperationTests.python != nil, "needs WORKBENCH_TEST_PYTHON, which make test sets"))
  func pings() async throws {
    let daemon = try await TestDaemon(["--listen", "127.0.0.1:0", "--insecure-listen"])
    let script = InteroperationTests.root.appendingPathComponent("Tests/EndToEndTests/Python/pings.py")
    let python = URL(fileURLWithPath: try #require(InteroperationTests.python))
    for address in ["unix:\(daemon.socket)", "\(try await Self.address(daemon))"] {
      let result = try await run(python, [script.path, address])
      #expect(result.output == "ok\n", "\(address): \(result.output)\(result.error)")
    }
  }

  @Test("TLS files that cannot be used are refused at the start, by name")
  func refused() async throws {
    let result = try await run(
      Products.url("workbenchd"),
      [
        "--state", "none", "--socket", "/tmp/none-\(UUID().uuidString)", "--listen", "127.0.0.1:0",
        "--insecure-listen",
        "--tls-cert", "/no/such.pem", "--tls-key", "/no/key.pem",
      ])
    #expect(result.status == 1)
    #expect(result.error.contains("TLS: cannot read '/no/such.pem': No such file or directory"))
  }

  @Test(
    "Attacks with raw frames leave the daemon its memory, a good client and the owner their answers",
    .enabled(if: InteroperationTests.python != nil, "needs WORKBENCH_TEST_PYTHON, which make test sets"))
  func attacks() async throws {
    let script = InteroperationTests.root.appendingPathComponent("Tests/Benchmarks/Attacks/attacks.py")
    let python = URL(fileURLWithPath: try #require(InteroperationTests.python))
    let result = try await run(
      python, [script.path, Products.url("workbenchd").path, "--scale", "1", "--", "--insecure-listen"])
    #expect(result.status == 0, "\(result.output)\(result.error)")
  }
}

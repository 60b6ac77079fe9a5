import Access
import Glibc
import Host
import RPC
import RoleTestSupport
import Runtime
import State
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@testable import Services

@Suite("Which client a request comes from", .timeLimit(.minutes(60))) struct ClientNameTests {
  /// What a worker is told about the client of calls over each channel, in order.
  private func clients(
    _ access: AccessControl, _ calls: (RouteTable) async throws -> Void
  ) async throws -> [String] {
    var script = FakeWorker.Script()
    script.answer = { _, _ in EncodedMessage([]) }
    let launcher = FakeLauncher(script)
    let host = ModelHost(launcher: launcher, log: silent, patience: .long)
    let routes = DaemonAPI(
      host: host, state: try StateFile.inMemory(),
      facts: DaemonFacts(version: "0", instructionSet: "", addresses: { [] }),
      ends: DaemonEnds(), access: access
    ).routes()
    try await calls(routes)
    let clients = launcher.workers.flatMap(\.requests).map(\.client)
    await host.stop()
    return clients
  }

  private func ask(_ channel: Channel, token: String? = nil) async throws {
    var options = CallOptions(timeout: .seconds(3600))
    if let token { options.metadata["authorization"] = "Bearer \(token)" }
    let request = ProtoRenderTemplateRequest.with { $0.source = "x" }
    _ = try await channel.unary(TemplatesMethods.render, request, options: options)
  }

  @Test("A process is named by its number, a caller over TCP by its token or its address")
  func names() async throws {
    let folder = try TemporaryFolder()
    let file = TokenFile(folder.file("tokens"))
    let secret = Secret.make()
    try file.update { list throws(AccessError) in try list.add("ada", .use, token: secret) }
    let access = AccessControl(tokens: try TokenStore(path: file.path))
    let found = try await clients(access) { routes in
      let inProcess = Channel(inProcess: routes, admit: access.admit)
      try await ask(inProcess)
      inProcess.close()
      let server = try Server(
        configuration: ServerConfiguration(unixSocket: folder.file("s")), routes: routes)
      _ = try await server.start()
      let unix = try Channel(to: .unix(folder.file("s")))
      try await ask(unix)
      unix.close()
      await server.shutdown(drain: .zero)
      let tcp = try await TCPServer(routes, admit: access.admit)
      try await ask(tcp.channel, token: secret)
      await tcp.stop()
    }
    #expect(found == ["local", "process \(getpid()) of user \(geteuid())", "token ada"])
    let open = try await clients(AccessControl()) { routes in
      let tcp = try await TCPServer(routes) { _ in }
      try await ask(tcp.channel)
      await tcp.stop()
    }
    #expect(open.count == 1 && open[0].contains("127.0.0.1"))
  }
}

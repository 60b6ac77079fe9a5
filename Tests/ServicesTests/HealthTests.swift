import Host
import RPC
import RoleTestSupport
import Runtime
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@Suite("The standard health service, without a socket and over one") struct HealthTests {
  private typealias Status = Grpc_Health_V1_HealthCheckResponse.ServingStatus

  private func check(_ service: String, _ daemon: TestDaemon) async throws -> Status {
    try await daemon.channel.unary(HealthMethods.check, .with { $0.service = service }).status
  }

  private func watch(_ service: String, _ daemon: TestDaemon) async throws
    -> ResponseStream<Grpc_Health_V1_HealthCheckResponse>.Iterator
  {
    try await daemon.channel.serverStreaming(HealthMethods.watch, .with { $0.service = service })
      .makeAsyncIterator()
  }

  private func loadConfigured(_ name: String, _ daemon: TestDaemon) async throws {
    let source = ModelSource(path: daemon.folder.file("\(name).gguf"))
    _ = try await daemon.host.load(source, name: name, isConfigured: true) { _ in }
  }

  @Test(
    "The daemon serves when the models of its configuration have been loaded, and a watch sees it",
    arguments: TestDaemon.Depth.allCases)
  func ready(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      await daemon.host.expect(["tiny", "other"])
      let services = ["", "workbench.v1.Generation", "workbench.model/tiny", "workbench.model/other"]
      for service in services { #expect(try await check(service, daemon) == .notServing) }
      var whole = try await watch("", daemon)
      var tiny = try await watch("workbench.model/tiny", daemon)
      #expect(try await whole.next()?.status == .notServing)
      #expect(try await tiny.next()?.status == .notServing)
      let taken = await #expect(throws: RPCError.self) { _ = try await daemon.load("tiny") }
      #expect(taken?.code == .alreadyExists && taken?.message.contains("configuration") == true)
      try await loadConfigured("tiny", daemon)
      #expect(try await tiny.next()?.status == .serving)
      #expect(try await check("", daemon) == .notServing)
      try TinyModel.write(to: daemon.folder.file("other.gguf"))
      try await loadConfigured("other", daemon)
      #expect(try await whole.next()?.status == .serving)
      for service in services { #expect(try await check(service, daemon) == .serving) }
    }
  }

  @Test("A model that is down does not serve until it is back", arguments: TestDaemon.Depth.allCases)
  func down(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      let service = "workbench.model/tiny"
      var states = try await watch(service, daemon)
      #expect(try await states.next()?.status == .serviceUnknown)
      let unknown = await daemon.status(HealthMethods.check, .with { $0.service = service })
      #expect(unknown?.code == .notFound && unknown?.message.contains("'tiny'") == true)
      _ = try await daemon.load()
      var seen: [Status] = []
      while seen.last != .serving { seen.append(try #require(try await states.next()).status) }
      daemon.launcher.workers.last?.die(.signal(11))
      #expect(try await states.next()?.status == .notServing)
      #expect(try await check("", daemon) == .serving, "the next request brings it back")
      _ = try await daemon.all(GenerationMethods.generate, generation())
      while seen.last != .serving { seen.append(try #require(try await states.next()).status) }
      #expect(try await check(service, daemon) == .serving)
      _ = try await daemon.channel.unary(ModelsMethods.unload, .with { $0.name = "tiny" })
      var last = try #require(try await states.next()).status
      while last != .serviceUnknown { last = try #require(try await states.next()).status }
    }
  }

  @Test("A drain ends every watch, one that comes late too", arguments: TestDaemon.Depth.allCases)
  func drain(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.load()
      for service in ["", "workbench.model/tiny"] { #expect(try await check(service, daemon) == .serving) }
      var early = try await watch("workbench.model/tiny", daemon)
      #expect(try await early.next()?.status == .serving)
      await daemon.drain()
      #expect(try await early.next()?.status == .notServing)
      #expect(try await early.next() == nil)
      var late = try await watch("", daemon)
      #expect(try await late.next()?.status == .notServing)
      #expect(try await late.next() == nil)
    }
  }
}

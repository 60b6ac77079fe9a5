import Foundation
import Glibc
import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Processes that die", .serialized)
struct SupervisionTests {
  @Test("a killed worker ends its own streams, and nobody else's")
  func killedWorker() async throws {
    let daemon = try await TestDaemon()
    for (name, seed) in [("a", 1), ("b", 2)] {
      try TinyModel.write(to: daemon.folder.file("\(name).gguf")) {
        $0.context = 8192
        $0.seed = UInt64(seed)
      }
      try await daemon.load(daemon.folder.file("\(name).gguf"), name: name)
    }
    let undisturbed = try await daemon.generate("b", "go on", long)

    async let survivor = daemon.generate("b", "go on", long)
    let victim = ProtoGenerateRequest.continuing("go on", of: "a") {
      long(&$0)
      $0.maxTokens = 8000
    }
    let worker = Int32(try await daemon.model("a").workerPid)
    // When memory runs out the kernel takes a worker, never the daemon.
    #expect(ProcessTable.memoryKillerScore(of: worker) == 1000)
    #expect(ProcessTable.memoryKillerScore(of: daemon.processID) != 1000)
    var isKilled = false
    var received = 0
    let error = await #expect(throws: RPCError.self) {
      for try await response in try await daemon.channel.serverStreaming(GenerationMethods.generate, victim) {
        received += response.tokens.count
        if received >= 5, !isKilled {
          kill(worker, SIGKILL)
          isKilled = true
        }
      }
    }
    #expect(error?.code == .unavailable)
    #expect(isKilled && received < 8000)

    // The next request is answered, by a fresh worker.
    #expect(try await daemon.generate("a", "again").finish != nil)
    let model = try await daemon.model("a")
    #expect(model.workerPid != Int64(worker) && model.restarts == 1)
    #expect(model.lastFailure.contains("SIGKILL"))
    #expect(try await survivor.ids == undisturbed.ids)
  }

  @Test("a killed daemon leaves no worker, and its socket can be taken again")
  func killedDaemon() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await TestDaemon(folder: folder)
    try TinyModel.write(to: folder.file("m.gguf")) { $0.context = 8192 }
    let worker = Int32(try await daemon.load(folder.file("m.gguf"), name: "m").workerPid)
    let stream = Task { try await daemon.generate("m", "go on", long) }
    #expect(try await eventually { try await daemon.status().models.first?.engine.activeSequences ?? 0 > 0 })
    daemon.send(SIGKILL)
    #expect(try await eventually { !ProcessTable.runs(worker) })
    await #expect(throws: RPCError.self) { try await stream.value }

    let next = try await TestDaemon(folder: folder)
    try await next.load(folder.file("m.gguf"), name: "m")
    #expect(try await next.generate("m", "again").finish != nil)
  }

  @Test("a second daemon on the same socket refuses, and the first one goes on")
  func secondDaemon() async throws {
    let daemon = try await TestDaemon()
    let second = try await run(Products.url("workbenchd"), ["--socket", daemon.socket, "--state", "none"])
    #expect(second.status != 0)
    #expect(second.error.split(separator: "\n").count == 1)
    #expect(second.error.contains(daemon.socket))
    #expect(try await daemon.status().pid == Int64(daemon.processID))
    var status = stat()
    #expect(stat(daemon.socket, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test("SIGTERM lets a running stream end and refuses new work")
  func drain() async throws {
    let daemon = try await TestDaemon()
    try TinyModel.write(to: daemon.folder.file("m.gguf")) { $0.context = 4096 }
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m")
    let worker = Int32(try await daemon.model("m").workerPid)
    let stream = Task { try await daemon.generate("m", "go on", long) }
    #expect(try await eventually { try await daemon.status().models.first?.engine.activeSequences ?? 0 > 0 })
    daemon.send(SIGTERM)
    #expect(try await stream.value.finish?.reason == .maxTokens)
    #expect(await daemon.waitForExit() == 0)
    #expect(!ProcessTable.exists(worker))
    #expect(!FileManager.default.fileExists(atPath: daemon.socket))
  }

  private func long(_ options: inout ProtoGenerationOptions) {
    options.maxTokens = 1500
    options.ignoreEnd = true
    options.sampling.temperature = 1
    options.sampling.seed = 7
  }
}

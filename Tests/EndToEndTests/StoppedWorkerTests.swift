import Foundation
import Glibc
import RPC
import TestSupport
import Testing
import WorkbenchAPI

/// Three models: the worker of one is stopped, that of another is killed, the third is busy.
///
/// WORKBENCH_TEST_ROUNDS is how often; Tests/Benchmarks/stopped_workers.sh sets it, and the bounds on the times, which
/// a busy machine could break and which are therefore not checked otherwise.
@Suite("A worker that is stopped beside others", .serialized)
struct StoppedWorkerTests {
  private static let rounds = ProcessInfo.processInfo.environment["WORKBENCH_TEST_ROUNDS"].flatMap { Int($0) }
  /// What only a failure takes.
  private static let patience: Duration = .seconds(1200)

  @Test("It is ended and replaced, its streams end with the reason, and nobody else waits for it")
  func stopped() async throws {
    let daemon = try await TestDaemon()
    for name in ["stopped", "killed", "busy"] {
      try TinyModel.write(to: daemon.folder.file("\(name).gguf")) { $0.context = 8192 }
      try await daemon.load(daemon.folder.file("\(name).gguf"), name: name)
    }
    let busy = Task {
      while !Task.isCancelled { _ = try await daemon.generate("busy", "go on", long) }
    }
    defer { busy.cancel() }
    var longest = (answer: Duration.zero, stream: Duration.zero)
    for _ in 0..<(Self.rounds ?? 2) {
      let times = try await round(daemon)
      longest = (max(longest.answer, times.answer), max(longest.stream, times.stream))
    }
    // The daemon ends with the last reference to it.
    busy.cancel()
    _ = await busy.result
    guard Self.rounds != nil else { return }
    print("longest answer \(longest.answer), longest end of a stopped stream \(longest.stream)")
    #expect(longest.answer < .seconds(1) && longest.stream < .seconds(10))
  }

  private func round(_ daemon: TestDaemon) async throws -> (answer: Duration, stream: Duration) {
    // Loaded anew, since a worker that ended several times within a minute rests for a while.
    for name in ["stopped", "killed", "busy"] {
      if name != "busy" { try await daemon.reload(name) }
      _ = try await daemon.generate(name, "go")
    }
    let victim = Int32(try await daemon.model("stopped").workerPid)
    let killed = Int32(try await daemon.model("killed").workerPid)
    let stream = Task {
      var request = ProtoGenerateRequest.continuing("go on", of: "stopped") { long(&$0) }
      request.options.maxTokens = 8000
      var options = CallOptions(timeout: Self.patience)
      options.waitForReady = true
      for try await _ in try await daemon.channel.serverStreaming(
        GenerationMethods.generate, request, options: options)
      {}
    }
    #expect(
      try await eventually(within: Self.patience) {
        try await daemon.model("stopped").engine.activeSequences > 0
      })
    let stoppedAt = ContinuousClock.now
    #expect(kill(victim, SIGSTOP) == 0 && kill(killed, SIGKILL) == 0)

    let answer = try await othersAnswer(daemon)
    let error = await failure { try await stream.value }
    let ended = ContinuousClock.now - stoppedAt
    #expect(
      error?.code == .unavailable && error?.message.contains("stopped answering") == true, "\(error as Any)")
    #expect(try await eventually(within: Self.patience) { !ProcessTable.runs(victim) })

    // It is back with the next request, and says what happened.
    #expect(try await daemon.generate("stopped", "again").finish != nil)
    let model = try await daemon.model("stopped")
    #expect(model.state == .ready && model.workerPid != Int64(victim))
    #expect(model.lastFailure.contains("stopped answering"), "\(model.lastFailure)")
    return (answer, ended)
  }

  /// Everything that one can ask about the others, while one is stopped; the time of the slowest answer.
  private func othersAnswer(_ daemon: TestDaemon) async throws -> Duration {
    var longest = Duration.zero
    func timed(_ call: () async throws -> Void) async throws {
      let start = ContinuousClock.now
      try await call()
      longest = max(longest, ContinuousClock.now - start)
    }
    let options = CallOptions(timeout: Self.patience)
    try await timed {
      let list = try await daemon.channel.unary(ModelsMethods.list, .init(), options: options).models
      #expect(list.map(\.name) == ["busy", "stopped", "killed"])
      #expect(list.first?.state == .ready && list.first?.hasEngine == true)
    }
    try await timed {
      let status = try await daemon.channel.unary(DaemonMethods.status, .init(), options: options)
      #expect(status.models.count == 3)
    }
    try await timed { _ = try await daemon.channel.unary(PluginsMethods.list, .init(), options: options) }
    try await timed { _ = try await daemon.channel.unary(SamplersMethods.list, .init(), options: options) }
    try await timed { _ = try await daemon.channel.unary(TemplatesMethods.list, .init(), options: options) }
    try await timed {
      let health = try await daemon.channel.unary(
        HealthMethods.check, .model("busy"), options: options)
      #expect(health.status == .serving)
    }
    try await timed {
      let busy = try await daemon.model("busy")
      #expect(busy.state == .ready)
    }
    try await timed { _ = try await daemon.model("killed") }
    try await timed {
      let answer = try await daemon.generate("killed", "again")
      #expect(answer.finish != nil)
    }
    return longest
  }

  private func long(_ options: inout ProtoGenerationOptions) {
    options.maxTokens = 400
    options.ignoreEnd = true
    options.sampling.temperature = 1
    options.sampling.seed = 7
  }
}

extension TestDaemon {
  /// Unloads a model of the test's folder and loads it again.
  fileprivate func reload(_ name: String) async throws {
    var request = ProtoUnloadModelRequest()
    request.name = name
    _ = try await channel.unary(ModelsMethods.unload, request)
    try await load(folder.file("\(name).gguf"), name: name)
  }
}

extension Grpc_Health_V1_HealthCheckRequest {
  /// The question whether a model can answer.
  static func model(_ name: String) -> Self {
    var request = Self()
    request.service = "workbench.model/\(name)"
    return request
  }
}

import Foundation
import RPC
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Streams of a daemon", .serialized)
struct StreamTests {
  @Test("64 concurrent streams finish, none lost and none crossed")
  func concurrent() async throws {
    let daemon = try await TestDaemon()
    try TinyModel.write(to: daemon.folder.file("m.gguf"))
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m")
    let prompts = (0..<64).map { "stream \($0) begins with \($0 * 7919) and" }
    var alone: [Completion] = []
    for (index, prompt) in prompts.enumerated() {
      alone.append(try await daemon.generate("m", prompt) { sampled(&$0, seed: UInt64(index)) })
    }
    let together = try await withThrowingTaskGroup(of: (Int, Completion).self) { group in
      for (index, prompt) in prompts.enumerated() {
        group.addTask {
          (index, try await daemon.generate("m", prompt) { sampled(&$0, seed: UInt64(index)) })
        }
      }
      return try await group.reduce(into: [Int: Completion]()) { $0[$1.0] = $1.1 }
    }
    for index in prompts.indices {
      #expect(together[index]?.ids == alone[index].ids, "stream \(index)")
      #expect(together[index]?.text == alone[index].text, "stream \(index)")
      #expect(together[index]?.finish?.reason == alone[index].finish?.reason, "stream \(index)")
    }
  }

  @Test("Answers and scores whose model is unloaded meanwhile end with that reason")
  func unloaded() async throws {
    let daemon = try await TestDaemon()
    try TinyModel.write(to: daemon.folder.file("m.gguf")) { $0.context = 4096 }
    let score = ProtoScoreRequest.with { request in
      request.model = "m"
      request.continuations.text = "Hello"
      request.continuations.continuations = (0..<20_000).map { number in
        .with { $0.text = " the world \(number), Hello the world" }
      }
    }
    let generate = ProtoGenerateRequest.with {
      $0.model = "m"
      $0.text = "Hello"
      $0.options.maxTokens = 4000
      $0.options.ignoreEnd = true
      // So many bytes that no buffer on the way holds them all.
      $0.options.topLogprobs = 20
    }
    func expectReason(_ rest: () async throws -> Void) async {
      let error = await #expect(throws: RPCError.self) { try await rest() }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("its model was unloaded") == true, "\(error?.message ?? "")")
    }
    for _ in 0..<2 {
      try await daemon.load(daemon.folder.file("m.gguf"), name: "m")
      var scores = try await daemon.channel.serverStreaming(GenerationMethods.score, score)
        .makeAsyncIterator()
      #expect(try await scores.next()?.hasStart == true)
      var tokens = try await daemon.channel.serverStreaming(GenerationMethods.generate, generate)
        .makeAsyncIterator()
      #expect(try await tokens.next()?.hasStart == true)
      _ = try await daemon.channel.unary(ModelsMethods.unload, .with { $0.name = "m" })
      await expectReason { while try await scores.next() != nil {} }
      await expectReason { while try await tokens.next() != nil {} }
    }
  }

  @Test("a thousand streams cancelled at random leave nothing behind")
  func cancelled() async throws {
    let daemon = try await TestDaemon()
    try TinyModel.write(to: daemon.folder.file("m.gguf")) { $0.context = 4096 }
    let worker = Int32(try await daemon.load(daemon.folder.file("m.gguf"), name: "m").workerPid)
    _ = try await daemon.generate("m", "warm up")
    let before = (ProcessTable.descriptors(of: daemon.processID), ProcessTable.descriptors(of: worker))

    let seed: UInt64 = 20_261_122
    var random = SplitMix64(seed: seed)
    for _ in 0..<50 {
      let lengths = (0..<20).map { _ in random.below(12) }
      await withTaskGroup(of: Void.self) { group in
        for length in lengths { group.addTask { await cancelAfter(length, daemon) } }
      }
    }
    let settled = try await eventually {
      let status = try await daemon.status()
      return status.liveCalls <= 1 && status.models.first?.engine.activeSequences == 0
        && status.models.first?.engine.waitingSequences == 0
    }
    #expect(settled, "calls or sequences are left; seed \(seed)")
    #expect(ProcessTable.descriptors(of: daemon.processID) <= before.0 + 2)
    #expect(ProcessTable.descriptors(of: worker) <= before.1 + 2)
    #expect(ProcessTable.children(of: daemon.processID) == [worker])
    #expect(try await daemon.generate("m", "warm up").finish != nil)
  }

  @Test("clients that are killed leave nothing behind")
  func killedClients() async throws {
    let daemon = try await TestDaemon()
    try TinyModel.write(to: daemon.folder.file("m.gguf")) { $0.context = 4096 }
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m")
    let clients = try (0..<12).map { _ in
      let client = Process()
      client.executableURL = Products.url("workbench")
      client.arguments = [
        "generate", "--address", "unix:\(daemon.socket)", "--model", "m", "--max-tokens", "4000",
        "--ignore-end", "on and on",
      ]
      client.standardOutput = FileHandle.nullDevice
      client.standardError = FileHandle.nullDevice
      try client.run()
      return client
    }
    let busy = try await eventually {
      try await daemon.status().models.first?.engine.activeSequences ?? 0 > 0
    }
    #expect(busy)
    for client in clients { kill(client.processIdentifier, SIGKILL) }
    let settled = try await eventually {
      let status = try await daemon.status()
      return status.liveCalls <= 1 && status.models.first?.engine.activeSequences == 0
    }
    #expect(settled)
  }

  @Test("a full context ends with its reason, and a prompt that is too long is refused")
  func contextFull() async throws {
    let daemon = try await TestDaemon()
    try TinyModel.write(to: daemon.folder.file("m.gguf")) { $0.context = 64 }
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m")
    let full = try await daemon.generate("m", "ab") { options in
      options.clearMaxTokens()
      options.ignoreEnd = true
    }
    #expect(full.finish?.reason == .contextFull)
    #expect(full.ids.count + Int(full.finish?.promptTokens ?? 0) >= 64)

    let error = await #expect(throws: RPCError.self) {
      try await daemon.generate("m", String(repeating: "q", count: 500))
    }
    #expect(error?.code == .outOfRange)
    #expect(error?.message.contains("64") == true)
  }

  private func sampled(_ options: inout ProtoGenerationOptions, seed: UInt64) {
    options.sampling.temperature = 1
    options.sampling.seed = seed
    options.maxTokens = 24
    options.ignoreEnd = true
  }
}

/// Reads some responses of a long stream, then goes away.
private func cancelAfter(_ responses: Int, _ daemon: TestDaemon) async {
  let task = Task {
    let request = ProtoGenerateRequest.continuing("on and on", of: "m") { options in
      options.maxTokens = 3000
      options.ignoreEnd = true
      options.sampling.temperature = 1
    }
    var left = responses
    for try await _ in try await daemon.channel.serverStreaming(GenerationMethods.generate, request) {
      left -= 1
      if left < 0 { break }
    }
  }
  if responses.isMultiple(of: 3) { task.cancel() }
  _ = await task.result
}

import Foundation
public import Host
import Plugins
import RPC
import Runtime
import Sampling
import SwiftProtobuf
import Tokens
import WorkbenchAPI

/// Starts `workbenchd worker` processes and speaks with them over a socket pair.
public struct ProcessLauncher: WorkerLauncher {
  private let executable: String

  /// Launches `executable`: this very binary, usually.
  public init(executable: String = "/proc/self/exe") {
    self.executable = executable
  }

  /// Starts a process that opens `plugins`, and connects to it.
  public func launch(plugins: [String]) async throws -> any Worker {
    guard let recorder = FlightRecorder(lines: plugins.count) else {
      throw WorkbenchError(.resourceExhausted, "a worker needs a descriptor, and none is left")
    }
    let process = try WorkerProcess(
      executable: executable, arguments: ["workbenchd", "worker"] + plugins.flatMap { ["--plugin", $0] },
      record: recorder.descriptor)
    return try WorkerClient(process: process, plugins: plugins, recorder: recorder)
  }
}

/// A worker process as the host sees it.
final class WorkerClient: Worker {
  private let process: WorkerProcess
  private let channel: Channel
  private let recorder: FlightRecorder
  private static let endPoll: Duration = .milliseconds(5)
  private static let endPolls = 100
  let plugins: [String]

  init(process: WorkerProcess, plugins: [String], recorder: FlightRecorder) throws {
    self.process = process
    self.plugins = plugins
    self.recorder = recorder
    channel = try Channel(to: .descriptor(process.descriptor))
  }

  deinit {
    channel.close()
  }

  var processID: Int32 { process.processID }
  var isAlive: Bool { process.isAlive }
  var suspects: [PluginSuspect] {
    zip(plugins, recorder.findings).compactMap { path, finding in
      finding.underway > 0 ? PluginSuspect(path: path, isOpening: !finding.isOpen) : nil
    }
  }
  func waitForExit() async -> WorkerExit { await process.waitForExit() }
  func terminate() { process.terminate() }

  func load(
    _ source: ModelSource, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws -> ModelDescription {
    try await translatingErrors {
      let stream = try await channel.serverStreaming(WorkerMethods.load, ProtoLoadModelRequest(source))
      for try await event in stream {
        switch event.event {
        case .progress(let step): progress(LoadProgress(fraction: step.fraction, stage: step.stage))
        case .loaded(let loaded): return try ModelDescription(loaded)
        case nil: break
        }
      }
      throw WorkbenchError(.internal, "the worker ended a load without a model")
    }
  }

  func useTokenizer(_ tokenizer: String?) async throws -> ModelDescription {
    var request = WorkerUseTokenizerRequest()
    request.tokenizer = tokenizer ?? ""
    return try await translatingErrors {
      try ModelDescription(try await channel.unary(WorkerMethods.useTokenizer, request))
    }
  }

  func chat(_ job: ChatJob) async throws -> GenerationStream {
    try await translatingErrors {
      try await events(of: channel.serverStreaming(WorkerMethods.chat, WorkerChatJob(job)))
    }
  }

  func generate(_ job: GenerateJob) async throws -> GenerationStream {
    try await translatingErrors {
      try await events(of: channel.serverStreaming(WorkerMethods.generate, WorkerGenerateJob(job)))
    }
  }

  func render(_ job: RenderJob) async throws -> RenderedText {
    try await translatingErrors {
      try RenderedText(try await channel.unary(WorkerMethods.render, WorkerRenderJob(job)))
    }
  }

  func check(_ template: TemplateSource) async throws -> TemplateReport {
    try await translatingErrors {
      try TemplateReport(try await channel.unary(WorkerMethods.checkTemplate, WorkerTemplateSource(template)))
    }
  }

  func tokenize(_ text: [UInt8], addSpecial: Bool, parseSpecial: Bool) async throws -> [TextToken] {
    try await tokenize(nil, text, addSpecial, parseSpecial)
  }

  func tokenize(
    with tokenizer: String, _ text: [UInt8], addSpecial: Bool, parseSpecial: Bool
  ) async throws -> [TextToken] {
    try await tokenize(tokenizer, text, addSpecial, parseSpecial)
  }

  private func tokenize(
    _ tokenizer: String?, _ text: [UInt8], _ addSpecial: Bool, _ parseSpecial: Bool
  ) async throws -> [TextToken] {
    var request = ProtoTokenizeRequest()
    if let tokenizer { request.tokenizer = tokenizer }
    request.text = .init(text)
    request.addSpecial = addSpecial
    request.parseSpecial = parseSpecial
    return try await translatingErrors {
      try await channel.unary(WorkerMethods.tokenize, request).tokens.map { try TextToken($0) }
    }
  }

  func detokenize(_ ids: [TokenID], skipSpecial: Bool) async throws -> [UInt8] {
    var request = ProtoDetokenizeRequest()
    request.ids = ids.map { UInt32(bitPattern: $0.rawValue) }
    request.skipSpecial = skipSpecial
    return try await translatingErrors {
      [UInt8](try await channel.unary(WorkerMethods.detokenize, request).bytes)
    }
  }

  func compareTokenizers(_ left: String, _ right: String, text: String) async throws -> TokenizerReport {
    var request = ProtoCompareTokenizersRequest()
    request.left = left
    request.right = right
    request.text = text
    return try await translatingErrors {
      TokenizerReport(try await channel.unary(WorkerMethods.compareTokenizers, request))
    }
  }

  func pluginSamplers() async throws -> [StageDescriptor] {
    try await translatingErrors {
      try await channel.unary(WorkerMethods.samplers, ProtoListSamplersRequest()).samplers.map {
        StageDescriptor($0)
      }
    }
  }

  func status() async throws -> RuntimeStatus {
    try await translatingErrors {
      RuntimeStatus(try await channel.unary(WorkerMethods.status, WorkerStatusRequest()))
    }
  }

  /// The first event is read here, so that a refusal is an error of the call and not of its stream.
  private func events(of stream: ResponseStream<ProtoGenerationResponse>) async throws -> GenerationStream {
    var iterator = stream.makeAsyncIterator()
    guard let first = try await iterator.next() else {
      throw WorkbenchError(.internal, "the worker ended an answer before it began")
    }
    return WorkerEvents(first: first, rest: stream, worker: self)
  }

  fileprivate func translated(_ error: any Error) async -> any Error {
    guard let status = error as? RPCError else { return error }
    guard status.code == .unavailable, await hasEnded() else { return WorkbenchError(status) }
    let called = suspects.map(\.path).joined(separator: " and ")
    let during = called.isEmpty ? "" : " in a call of the plugin \(called)"
    return WorkbenchError(
      .unavailable, "the worker of this model ended\(during); the next request starts a fresh one")
  }

  /// Whether the process is gone: its end of the socket closes a moment before the kernel says so.
  private func hasEnded() async -> Bool {
    for _ in 0..<Self.endPolls {
      if !process.isAlive { return true }
      try? await Task.sleep(for: Self.endPoll)
    }
    return !process.isAlive
  }

  private func translatingErrors<T>(_ body: () async throws -> T) async throws -> T {
    do {
      return try await body()
    } catch {
      throw await translated(error)
    }
  }
}

/// The events of an answer out of a worker's stream.
private struct WorkerEvents: AsyncSequence, Sendable {
  typealias Element = GenerationEvent
  typealias Failure = any Error

  let first: ProtoGenerationResponse
  let rest: ResponseStream<ProtoGenerationResponse>
  let worker: WorkerClient

  func makeAsyncIterator() -> Iterator {
    Iterator(first: first, rest: rest.makeAsyncIterator(), worker: worker)
  }

  struct Iterator: AsyncIteratorProtocol {
    var first: ProtoGenerationResponse?
    var rest: ResponseStream<ProtoGenerationResponse>.AsyncIterator
    let worker: WorkerClient

    mutating func next() async throws -> GenerationEvent? {
      if let event = first.take() { return try GenerationEvent(event) }
      do {
        return try await rest.next().map { try GenerationEvent($0) }
      } catch {
        throw await worker.translated(error)
      }
    }
  }
}

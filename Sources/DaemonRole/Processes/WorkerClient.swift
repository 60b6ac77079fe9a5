import Host
import RPC
import Runtime
import Sampling
import WorkbenchAPI
import WorkerProtocol

/// A worker process as the host sees it.
final class WorkerClient: Worker {
  private let process: ChildProcess
  private let channel: Channel
  private let recorder: FlightRecorder
  private static let endPoll: Duration = .milliseconds(5)
  private static let endPolls = 100
  let plugins: [String]

  init(process: ChildProcess, plugins: [String], recorder: FlightRecorder) throws {
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
  ) async throws -> LoadedModel {
    try await translatingErrors {
      let stream = try await channel.serverStreaming(WorkerMethods.load, ProtoLoadModelRequest(source))
      for try await event in stream {
        switch event.event {
        case .progress(let step): progress(LoadProgress(fraction: step.fraction, stage: step.stage))
        case .loaded(let loaded): return try LoadedModel(loaded)
        case nil: break
        }
      }
      throw WorkbenchError(.internal, "the worker ended a load without a model")
    }
  }

  func useTokenizer(_ tokenizer: String?) async throws -> LoadedModel {
    var request = WorkerUseTokenizerRequest()
    request.tokenizer = tokenizer ?? ""
    return try await translatingErrors {
      try LoadedModel(try await channel.unary(WorkerMethods.useTokenizer, request))
    }
  }

  func check(_ template: TemplateSource) async throws -> TemplateReport {
    try await translatingErrors {
      try TemplateReport(try await channel.unary(WorkerMethods.checkTemplate, WorkerTemplateSource(template)))
    }
  }

  func pluginSamplers() async throws -> [StageDescriptor] {
    try await translatingErrors {
      try await channel.unary(WorkerMethods.samplers, ProtoListSamplersRequest()).samplers.map {
        StageDescriptor($0)
      }
    }
  }

  func status() async throws -> WorkerStatus {
    try await translatingErrors {
      try WorkerStatus(try await channel.unary(WorkerMethods.status, WorkerStatusRequest()))
    }
  }

  func answer(_ request: RelayedRequest) async throws -> EncodedMessage {
    try await translatingErrors {
      try await channel.unary(request.call.relayed, WorkerJob(request))
    }
  }

  /// The first message is read here, so that a refusal is an error of the call and not of its stream.
  func stream(_ request: RelayedRequest) async throws -> EncodedStream {
    try await translatingErrors {
      let stream = try await channel.serverStreaming(request.call.relayed, WorkerJob(request))
      var iterator = stream.makeAsyncIterator()
      guard let first = try await iterator.next() else {
        throw WorkbenchError(.internal, "the worker ended an answer before it began")
      }
      return WorkerAnswer(first: first, rest: stream, worker: self)
    }
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

/// The messages of an answer as the worker wrote them.
private struct WorkerAnswer: AsyncSequence, Sendable {
  typealias Element = EncodedMessage
  typealias Failure = any Error

  let first: EncodedMessage
  let rest: ResponseStream<EncodedMessage>
  let worker: WorkerClient

  func makeAsyncIterator() -> Iterator {
    Iterator(first: first, rest: rest.makeAsyncIterator(), worker: worker)
  }

  struct Iterator: AsyncIteratorProtocol {
    var first: EncodedMessage?
    var rest: ResponseStream<EncodedMessage>.AsyncIterator
    let worker: WorkerClient

    mutating func next() async throws -> EncodedMessage? {
      if let message = first.take() { return message }
      do {
        return try await rest.next()
      } catch {
        throw await worker.translated(error)
      }
    }
  }
}

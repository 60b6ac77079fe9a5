import Concurrency
package import Host
package import RPC
package import Runtime
package import Sampling
import Synchronization
import WorkbenchAPI
import WorkerProtocol

/// A worker process as the host sees it.
package final class WorkerClient: Worker {
  private let process: any WorkerHandle
  private let channel: Channel
  private let recorder: FlightRecorder?
  private let files: AllowedFiles?
  /// The file of its model, which it reads again for another tokenizer.
  private let modelFile = Mutex<String?>(nil)
  /// How it ended: the process's exit, or that it was given up.
  private let end = OneShot<WorkerExit>()
  private let awaitsProcess = Atomic(false)
  /// Whether the host asked for its end.
  private let wasEnded = Atomic(false)
  private static let endPoll: Duration = .milliseconds(5)
  private static let endPolls = 100
  /// The plugin libraries that it opened, by path.
  package let plugins: [String]

  /// A worker that answers on `channel`.
  package convenience init(_ process: any WorkerHandle, channel: Channel, plugins: [String] = []) {
    self.init(process, channel: channel, plugins: plugins, recorder: nil, files: nil)
  }

  /// - Parameters:
  ///   - recorder: Where the worker notes which plugins it is calling; nil: nowhere.
  ///   - files: The files that the worker may ask for; nil: it opens them itself.
  init(
    _ process: any WorkerHandle, channel: Channel, plugins: [String], recorder: FlightRecorder?,
    files: AllowedFiles?
  ) {
    self.process = process
    self.channel = channel
    self.plugins = plugins
    self.recorder = recorder
    self.files = files
  }

  deinit {
    channel.close()
  }

  package var processID: Int32 { process.processID }
  package var isAlive: Bool { end.value == nil && process.isAlive }
  package var beats: Int { recorder?.beats ?? process.beats }
  package var suspects: [PluginSuspect] {
    zip(plugins, recorder?.findings ?? []).compactMap { path, finding in
      finding.underway > 0 ? PluginSuspect(path: path, isOpening: !finding.isOpen) : nil
    }
  }
  package func waitForExit() async -> WorkerExit {
    if !awaitsProcess.exchange(true, ordering: .relaxed) {
      Task { [process, end] in end.resolve(await process.waitForExit()) }
    }
    return await end.waitToEnd()
  }
  package func terminate() {
    wasEnded.store(true, ordering: .releasing)
    process.terminate()
  }
  package func giveUp() {
    end.resolve(.stopped)
    process.terminate()
    channel.close()
  }

  package func load(
    _ source: ModelSource, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws -> LoadedModel {
    modelFile.withLock { $0 = source.path }
    return try await reading([source.path] + (source.tokenizer.map { [$0] } ?? [])) {
      let stream = try await channel.serverStreaming(
        WorkerMethods.load, WorkerLoadRequest(source), options: .within(.load))
      for try await event in stream {
        switch event.event {
        case .progress(let step): progress(LoadProgress(step))
        case .loaded(let loaded): return try LoadedModel(loaded)
        case nil: break
        }
      }
      throw WorkbenchError(.internal, "the worker ended the load without returning a model")
    }
  }

  package func useTokenizer(_ tokenizer: String?) async throws -> LoadedModel {
    var request = WorkerUseTokenizerRequest()
    request.tokenizer = tokenizer ?? ""
    return try await reading([tokenizer, modelFile.withLock { $0 }].compactMap { $0 }) {
      do {
        return try LoadedModel(
          try await channel.unary(WorkerMethods.useTokenizer, request, options: .within(.vocabulary)))
      } catch let error as RPCError where error.code == .deadlineExceeded {
        // It may still happen, and then nobody would know: the next worker has the tokenizer from before.
        giveUp()
        throw error
      }
    }
  }

  package func check(_ template: TemplateSource) async throws -> TemplateReport {
    try await translatingErrors {
      try TemplateReport(
        try await channel.unary(
          WorkerMethods.checkTemplate, WorkerTemplateSource(template), options: .within(.text)))
    }
  }

  package func pluginSamplers() async throws -> [StageDescriptor] {
    try await translatingErrors {
      try await channel.unary(
        WorkerMethods.samplers, ProtoListSamplersRequest(), options: .within(.question)
      ).samplers.map { StageDescriptor($0) }
    }
  }

  package func status() async throws -> WorkerStatus {
    try await translatingErrors {
      try WorkerStatus(
        try await channel.unary(WorkerMethods.status, WorkerStatusRequest(), options: .within(.question)))
    }
  }

  package func answer(_ request: RelayedRequest) async throws -> EncodedMessage {
    try await reading(request.files) {
      EncodedMessage(
        try await channel.unary(request.call.relayed, WorkerJob(request), options: .within(.vocabulary)))
    }
  }

  /// The first message is read here, so that a refusal is an error of the call and not of its stream; until then the
  /// worker opens its files.
  package func stream(_ request: RelayedRequest) async throws -> EncodedStream {
    try await reading(request.files) {
      let stream = try await channel.serverStreaming(request.call.relayed, WorkerJob(request))
      var iterator = stream.makeAsyncIterator()
      guard let first = try await iterator.next() else {
        throw WorkbenchError(.internal, "the worker ended the answer without a message")
      }
      return WorkerAnswer(first: first, rest: stream, worker: self)
    }
  }

  fileprivate func translated(_ error: any Error) async -> any Error {
    guard let status = error as? RPCError else { return error }
    if end.value == .stopped {
      return WorkbenchError(
        .unavailable, "the worker stopped answering and was ended; the next request starts a new one")
    }
    guard status.code != .deadlineExceeded else {
      return WorkbenchError(.unavailable, "the worker did not answer in time; try again later")
    }
    guard status.code == .unavailable, await hasEnded() else { return WorkbenchError(status) }
    guard await waitForExit() != .changedFile else {
      return WorkbenchError(.dataLoss, "the model's file was changed while in use; load the model again")
    }
    guard !wasEnded.load(ordering: .acquiring) else {
      return WorkbenchError(
        .unavailable,
        "the worker was ended during the call: its model was unloaded, or the daemon is stopping")
    }
    let called = suspects.map(\.path).joined(separator: " and ")
    let during = called.isEmpty ? "" : " while calling the plugin \(called)"
    return WorkbenchError(
      .unavailable, "the worker ended\(during); try again, since the next request starts a new one")
  }

  /// Whether the process has ended; its end of the socket closes a moment before the kernel reports it.
  private func hasEnded() async -> Bool {
    for _ in 0..<Self.endPolls {
      if !process.isAlive { return true }
      try? await Task.sleep(for: Self.endPoll)
    }
    return !process.isAlive
  }

  /// A call on which the worker works with these files.
  private func reading<T>(_ paths: [String], _ body: () async throws -> T) async throws -> T {
    guard let files else { return try await translatingErrors(body) }
    return try await files.during(paths) { try await translatingErrors(body) }
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

  let first: RawMessage
  let rest: ResponseStream<RawMessage>
  let worker: WorkerClient

  func makeAsyncIterator() -> Iterator {
    Iterator(first: first, rest: rest.makeAsyncIterator(), worker: worker)
  }

  struct Iterator: AsyncIteratorProtocol {
    var first: RawMessage?
    var rest: ResponseStream<RawMessage>.AsyncIterator
    let worker: WorkerClient

    mutating func next() async throws -> EncodedMessage? {
      try await next(isolation: nil)
    }

    mutating func next(isolation actor: isolated (any Actor)?) async throws -> EncodedMessage? {
      if let message = first.take() { return EncodedMessage(message) }
      do {
        return try await rest.next(isolation: actor).map { EncodedMessage($0) }
      } catch {
        throw await worker.translated(error)
      }
    }
  }
}

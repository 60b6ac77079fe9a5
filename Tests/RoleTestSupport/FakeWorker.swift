import Concurrency
package import Host
package import Runtime
package import Sampling
import Synchronization

/// A worker without a process: it answers by a script, and dies when the test says so.
package final class FakeWorker: Worker {
  /// What the calls of a worker return.
  package struct Script: Sendable {
    /// The load of a model.
    package var load: @Sendable (FakeWorker, ModelSource) async throws -> LoadedModel = { _, source in
      var loaded = LoadedModel()
      loaded.tokenizer = source.tokenizer ?? "own"
      return loaded
    }
    /// The check of a template; a source with "BROKEN" in it does not compile.
    package var check: @Sendable (FakeWorker, TemplateSource) async throws -> TemplateReport = {
      _, template in
      guard template.source.contains("BROKEN") else { return TemplateReport() }
      return TemplateReport(
        findings: [
          TemplateFinding(
            .error, rule: "syntax", "it is broken", place: .init(line: 1, column: 2, excerpt: "BROKEN\n ^"))
        ])
    }
    /// The change of the tokenizer.
    package var useTokenizer: @Sendable (FakeWorker, String?) async throws -> LoadedModel = { _, tokenizer in
      var loaded = LoadedModel()
      loaded.tokenizer = tokenizer ?? "own"
      return loaded
    }
    /// The stages of plugins.
    package var samplers: [StageDescriptor] = []
    /// What the worker reports of itself.
    package var status: @Sendable (FakeWorker) async throws -> WorkerStatus = { _ in WorkerStatus() }
    /// A request with one answer; by default the request comes back.
    package var answer: @Sendable (FakeWorker, RelayedRequest) async throws -> EncodedMessage = {
      _, request in
      request.message
    }
    /// A request with a stream; by default the request comes back, twice.
    package var stream: @Sendable (FakeWorker, RelayedRequest) async throws -> [EncodedMessage] = {
      _, request in
      [request.message, request.message]
    }
    /// What comes between the last message of a stream and its end.
    package var streamEnd: @Sendable (FakeWorker) async throws -> Void = { _ in }

    /// A worker that accepts everything.
    package init() {}
  }

  package let processID: Int32
  package let plugins: [String]
  private let script: Script
  private let exit = OneShot<WorkerExit>()
  private let calling = Mutex<[PluginSuspect]>([])
  private let relayed = Mutex<[RelayedRequest]>([])
  private let heart = Mutex((beats: 0, isStopped: false))

  init(processID: Int32, plugins: [String], script: Script) {
    self.processID = processID
    self.plugins = plugins
    self.script = script
  }

  /// Ends it like this, in a call to these libraries.
  package func die(_ end: WorkerExit, calling suspects: [PluginSuspect] = []) {
    calling.withLock { $0 = suspects }
    _ = exit.resolve(end)
  }

  /// The requests that it was passed, in order.
  package var requests: [RelayedRequest] { relayed.withLock { $0 } }

  package var isAlive: Bool { exit.value == nil }
  package var suspects: [PluginSuspect] { calling.withLock { $0 } }
  package func waitForExit() async -> WorkerExit { await exit.waitToEnd() }
  package func terminate() { _ = exit.resolve(.signal(9)) }
  package func giveUp() { _ = exit.resolve(.stopped) }
  /// Grows with each look until it is stopped.
  package var beats: Int {
    heart.withLock { heart in
      if !heart.isStopped { heart.beats += 1 }
      return heart.beats
    }
  }

  /// Stops it as SIGSTOP does.
  package func stop() { heart.withLock { $0.isStopped = true } }

  package func load(
    _ source: ModelSource, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws -> LoadedModel {
    progress(LoadProgress(fraction: 0.5, stage: "half"))
    return try await script.load(self, source)
  }
  package func useTokenizer(_ tokenizer: String?) async throws -> LoadedModel {
    try await script.useTokenizer(self, tokenizer)
  }
  package func check(_ template: TemplateSource) async throws -> TemplateReport {
    try await script.check(self, template)
  }
  package func pluginSamplers() async throws -> [StageDescriptor] { script.samplers }
  package func status() async throws -> WorkerStatus {
    try await script.status(self)
  }

  package func answer(_ request: RelayedRequest) async throws -> EncodedMessage {
    relayed.withLock { $0.append(request) }
    return try await script.answer(self, request)
  }
  package func stream(_ request: RelayedRequest) async throws -> EncodedStream {
    relayed.withLock { $0.append(request) }
    let messages = try await script.stream(self, request)
    return AsyncThrowingStream { continuation in
      for message in messages { continuation.yield(message) }
      Task {
        do {
          try await script.streamEnd(self)
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
    }
  }
}

extension FakeWorker {
  /// What a client of a worker throws when its process ends under a call.
  package static let ended = WorkbenchError(.unavailable, "the worker of this model ended")
}

public import Runtime
public import Sampling

/// A process that holds at most one model, and runs everything that reads untrusted bytes.
public protocol Worker: AnyObject, Sendable {
  /// The process, for `ps` and the log.
  var processID: Int32 { get }
  /// Whether the process still runs; false from the moment the kernel has ended it.
  var isAlive: Bool { get }
  /// The plugin libraries that it opened, by path.
  var plugins: [String] { get }
  /// The plugin libraries with a call under way; after the process has ended, those that may have ended it.
  var suspects: [PluginSuspect] { get }
  /// Returns when the process has ended.
  func waitForExit() async -> WorkerExit
  /// Ends the process at once; there is nothing in it to save.
  func terminate()
  /// Ends a process that has stopped, and every call to it, even if the kernel cannot end it yet; from then on it is
  /// not alive, and its exit is `.stopped`.
  func giveUp()
  /// A count that grows as long as the process runs, whatever it is busy with; 0 until it has started.
  var beats: Int { get }

  /// Loads the one model of this worker.
  func load(
    _ source: ModelSource, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws -> LoadedModel
  /// Gives the loaded model another tokenizer, from the next request on; nil: the model file's own.
  func useTokenizer(_ tokenizer: String?) async throws -> LoadedModel
  /// Compiles a template and reports errors and common mistakes; with a model, also whether it fits the
  /// vocabulary.
  func check(_ template: TemplateSource) async throws -> TemplateReport
  /// The stages that plugin libraries add.
  func pluginSamplers() async throws -> [StageDescriptor]
  /// What the engine and the plugins are doing.
  func status() async throws -> WorkerStatus

  /// Answers a request of the API with one message.
  func answer(_ request: RelayedRequest) async throws -> EncodedMessage
  /// Answers a request of the API with a stream; a refusal is an error of this call, not of the stream.
  func stream(_ request: RelayedRequest) async throws -> EncodedStream
}

/// How workers are started.
public protocol WorkerLauncher: Sendable {
  /// Starts a process that opens `plugins`, and connects to it; it holds no model yet.
  func launch(plugins: [String]) async throws -> any Worker
}

/// A plugin library that was being called.
public struct PluginSuspect: Sendable, Equatable {
  /// The library.
  public var path: String
  /// Whether the library was being opened.
  public var isOpening: Bool

  /// A library with a call under way.
  public init(path: String, isOpening: Bool) {
    self.path = path
    self.isOpening = isOpening
  }
}

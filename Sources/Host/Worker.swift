public import Runtime
public import Sampling

/// A process that holds at most one model and everything that is fed untrusted bytes.
public protocol Worker: ModelRuntime {
  /// The process, for `ps` and the log.
  var processID: Int32 { get }
  /// Whether the process still runs; false from the moment the kernel has ended it.
  var isAlive: Bool { get }
  /// Loads the one model of this worker.
  func load(
    _ source: ModelSource, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws -> ModelDescription
  /// Gives the loaded model another tokenizer, from the next request on; nil: the model file's own.
  func useTokenizer(_ tokenizer: String?) async throws -> ModelDescription
  /// Text to token ids by the tokenizer of a file or a plugin; needs no model.
  func tokenize(
    with tokenizer: String, _ text: [UInt8], addSpecial: Bool, parseSpecial: Bool
  ) async throws -> [TextToken]
  /// What two tokenizers, of files or plugins, make of the same lines; needs no model.
  func compareTokenizers(_ left: String, _ right: String, text: String) async throws -> TokenizerReport
  /// The stages that plugin libraries add.
  func pluginSamplers() async throws -> [StageDescriptor]
  /// The plugin libraries that it opened, by path.
  var plugins: [String] { get }
  /// The plugin libraries with a call under way; of a process that has ended, those that may have ended it.
  var suspects: [PluginSuspect] { get }
  /// Returns when the process has ended.
  func waitForExit() async -> WorkerExit
  /// Ends the process at once; there is nothing in it to save.
  func terminate()
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
  /// Whether the call was the opening of the library.
  public var isOpening: Bool

  /// A library with a call under way.
  public init(path: String, isOpening: Bool) {
    self.path = path
    self.isOpening = isOpening
  }
}

/// How a worker ended.
public enum WorkerExit: Sendable, Equatable, CustomStringConvertible {
  /// It returned this status.
  case status(Int32)
  /// A signal ended it.
  case signal(Int32)

  /// The status of a worker in which a call of a plugin did not return.
  public static let hungPlugin: Int32 = 97
  /// The status of a worker in which a plugin corrupted memory.
  public static let corruptingPlugin: Int32 = 98

  /// In words, for errors and the log.
  public var description: String {
    switch self {
    case .status(WorkerExit.hungPlugin): "was ended because a plugin's call did not return"
    case .status(WorkerExit.corruptingPlugin): "was ended because a plugin wrote outside of its memory"
    case .status(let status): "exited with status \(status)"
    case .signal(let signal): "was ended by signal \(signal) (\(WorkerExit.name(of: signal)))"
    }
  }

  /// The signal's name, as `kill -l` has it.
  private static func name(of signal: Int32) -> String {
    let names: [Int32: String] = [
      4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV",
      15: "SIGTERM", 24: "SIGXCPU", 31: "SIGSYS",
    ]
    return names[signal] ?? "unnamed"
  }
}

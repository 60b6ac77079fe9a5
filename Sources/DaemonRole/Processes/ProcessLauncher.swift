import Host
import RPC
import Runtime
import WorkerProtocol

/// Starts the processes of the daemon from its own binary.
struct ProcessLauncher: WorkerLauncher {
  private let executable: String

  /// Launches `executable`: this very binary, usually.
  init(executable: String = "/proc/self/exe") {
    self.executable = executable
  }

  /// Starts `workbenchd worker`, which opens `plugins`, and connects to it.
  func launch(plugins: [String]) async throws -> any Worker {
    guard let recorder = FlightRecorder(lines: plugins.count) else {
      throw WorkbenchError(.resourceExhausted, "a worker needs a file descriptor, and none is left")
    }
    let process = try ChildProcess(
      executable: executable, arguments: ["workbenchd", "worker"] + plugins.flatMap { ["--plugin", $0] },
      record: recorder.descriptor)
    return WorkerClient(
      process, channel: try Channel(to: .descriptor(process.descriptor)), plugins: plugins,
      recorder: recorder)
  }

  /// Starts `workbenchd try-plugin`, which writes its report to the socket; what the library prints is discarded.
  func launchTrial(of library: String) throws -> ChildProcess {
    try ChildProcess(
      executable: executable, arguments: ["workbenchd", "try-plugin", library], isSilent: true)
  }
}

import Host
import RPC
import Runtime
import WorkerProtocol

/// Starts the processes of the daemon from its own binary.
struct ProcessLauncher: WorkerLauncher {
  private let executable: String

  /// Launches `executable`; by default the running binary itself.
  init(executable: String = "/proc/self/exe") {
    self.executable = executable
  }

  /// Starts `workbenchd worker`, which opens `plugins`, and connects to it.
  func launch(plugins: [String]) async throws -> any Worker {
    guard let recorder = FlightRecorder(lines: plugins.count) else {
      throw WorkbenchError(
        .resourceExhausted, "a worker process could not be started: no file descriptor or memory is left")
    }
    let process = try ChildProcess(
      executable: executable, arguments: ["workbenchd", "worker"] + plugins.flatMap { ["--plugin", $0] },
      record: recorder.descriptor)
    var options = ChannelOptions()
    options.maxReceiveMessageBytes = MessageLimits.answer
    let channel = try Channel(to: .descriptor(process.descriptor), options: options)
    return WorkerClient(process, channel: channel, plugins: plugins, recorder: recorder)
  }

  /// Starts `workbenchd try-plugin`, which writes its report to the socket; the library's output is
  /// discarded.
  func launchTrial(of library: String) throws -> ChildProcess {
    try ChildProcess(
      executable: executable, arguments: ["workbenchd", "try-plugin", library], isSilent: true)
  }
}

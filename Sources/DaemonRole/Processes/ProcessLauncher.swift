import Access
import Glibc
import Host
import Logging
import RPC
import Runtime
import WorkerProtocol

/// Starts the processes of the daemon from its own binary.
struct ProcessLauncher: WorkerLauncher {
  private let executable: String
  private let folders: ModelFolders
  private let log: Logger

  /// Launches `executable`; by default the running binary itself.
  ///
  /// - Parameter folders: Those in which a link may lead to another file.
  init(executable: String = "/proc/self/exe", folders: ModelFolders = ModelFolders(), log: Logger) {
    self.executable = executable
    self.folders = folders
    self.log = log
  }

  /// Starts `workbenchd worker`, which opens `plugins`, and connects to it.
  func launch(plugins: [String]) async throws -> any Worker {
    guard let recorder = FlightRecorder(lines: plugins.count) else {
      throw WorkbenchError(
        .resourceExhausted, "a worker process could not be started: no file descriptor or memory is left")
    }
    let process = try ChildProcess(
      executable: executable, arguments: ["workbenchd", "worker"] + plugins.flatMap { ["--plugin", $0] },
      record: recorder.descriptor, folders: folders
    ) { [log] event in
      // Whose doing it is cannot be told for sure: those that are being called, or else any that are open.
      let called = zip(plugins, recorder.findings).filter { $1.underway > 0 }.map(\.0)
      Self.tell(event, of: "worker", called.isEmpty ? plugins : called, log)
    }
    var options = ChannelOptions()
    options.maxReceiveMessageBytes = MessageLimits.answer
    let channel: Channel
    do throws(RPCError) {
      channel = try Channel(to: .descriptor(process.descriptor), options: options)
    } catch {
      close(process.descriptor)
      throw error
    }
    return WorkerClient(
      process, channel: channel, plugins: plugins, recorder: recorder, files: process.attendant?.files)
  }

  /// Starts `workbenchd try-plugin`, which writes its report to the socket; the library's output is
  /// discarded.
  ///
  /// - Parameter refused: Told what the sandbox refused to the library.
  func launchTrial(of library: String, refused: @escaping @Sendable (String) -> Void) throws -> ChildProcess {
    try ChildProcess(
      executable: executable, arguments: ["workbenchd", "try-plugin", library], isSilent: true
    ) { [log] event in
      if case .refused(let what) = event { refused(what) }
      Self.tell(event, of: "plugin trial", [library], log)
    }
  }

  /// Starts `workbenchd try-sandbox`, and returns the means that hold in it.
  func trySandbox() async throws -> [SandboxMeans] {
    let process = try ChildProcess(
      executable: executable, arguments: ["workbenchd", "try-sandbox"], isSilent: true)
    defer { close(process.descriptor) }
    guard case .status(let status) = await process.waitForExit() else { return [] }
    return SandboxMeans.told(by: status) ?? []
  }

  private static func tell(
    _ event: ChildAttendant.Event, of process: String, _ plugins: [String], _ log: Logger
  ) {
    var metadata: Logger.Metadata = ["process": "\(process)"]
    if !plugins.isEmpty { metadata["plugins"] = .array(plugins.map { .string($0) }) }
    switch event {
    case .line(let line): log.warning("\(line)", metadata: metadata)
    case .refused(let what):
      metadata["what"] = "\(what)"
      log.warning("the sandbox refused an attempt", metadata: metadata)
    case .more:
      log.warning("the process says more than is told", metadata: metadata)
    }
  }
}

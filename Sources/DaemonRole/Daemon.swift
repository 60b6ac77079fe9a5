import Access
import CKernels
import Concurrency
import Glibc
public import Host
import Logging
public import Logs
public import ProcessStart
import RPC
import ServiceLifecycle
import Services
import UnixSignals

/// The daemon as an ordered list of parts: each starts when the one before it is ready, and ends before it
/// does.
public struct Daemon: Sendable {
  private let configuration: DaemonConfiguration
  private let output: ProcessLog
  private let log: Logger
  private let version: String

  /// A daemon of this configuration.
  public init(configuration: DaemonConfiguration, version: String, log: ProcessLog) {
    self.configuration = configuration
    self.version = version
    output = log
    self.log = log.logger("workbenchd")
  }

  /// What a daemon needs to start and to run a few workers; with less, libraries below it would end the process.
  ///
  /// Swift and gRPC keep a thread for each core.
  public static let needs = ResourceNeeds(
    descriptors: 64, threads: 28 + 2 * max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
    addressSpaceBytes: 1 << 30)

  /// Runs until SIGTERM, SIGINT or `Daemon.Drain`, then lets streams finish; a second signal stops it at
  /// once.
  ///
  /// - Throws: `WorkbenchError` or `RPCError` when a part cannot start.
  public func run() async throws {
    ChildFamily.adoptOrphans()
    RPC.Log.setHandler { [log] line in log.debug("grpc", metadata: ["line": "\(line)"]) }
    let host = ModelHost(
      launcher: ProcessLauncher(folders: ModelFolders(configuration.modelFolders), log: log), log: log)
    let ends = DaemonEnds()
    let group = ServiceGroup(
      configuration: .init(
        services: OrderedService.inOrder(parts(host, ends)).map {
          .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup)
        },
        gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
    let drain = Task {
      await ends.drainRequested.wait()
      if ends.drainRequested.isRaised { await group.triggerGracefulShutdown() }
    }
    let insistence = Task { await endAtSecondSignal() }
    defer {
      drain.cancel()
      insistence.cancel()
    }
    try await group.run()
    log.info("stopped")
  }

  private func parts(_ host: ModelHost, _ ends: DaemonEnds) -> [any DaemonPart] {
    let folders = PluginPlace.all(configuration.pluginDirectories)
    let launcher = ProcessLauncher(log: log)
    let sandbox = SandboxFacts()
    let state = StateKeeper(configuration.state, host: host, log: log)
    return [
      state,
      HostLifetime(host: host, models: configuration.models),
      SandboxTrial(launcher: launcher, facts: sandbox, log: log),
      PluginTrials(host: host, folders: folders, trier: PluginTrialRunner(launcher: launcher), log: log),
      FolderWatcher(host: host, folders: folders, log: log),
      Listeners(
        configuration, host: host, ends: ends, version: version,
        instructionSet: String(cString: ck_level_name(ck_current_level())),
        linesLost: { [output] in output.lost }, sandbox: sandbox, state: state, log: log),
      InitialModels(host: host, models: configuration.models, log: log),
    ]
  }

  /// Ends the process at the second SIGTERM or SIGINT, whatever is still running or waited for.
  private func endAtSecondSignal() async {
    var signals = await UnixSignalsSequence(trapping: .sigterm, .sigint).makeAsyncIterator()
    guard await signals.next() != nil, await signals.next() != nil else { return }
    log.warning("second signal: stopping at once")
    ChildFamily.killAll()
    await output.flush()
    _exit(1)
  }
}

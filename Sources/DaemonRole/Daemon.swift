import CKernels
import Concurrency
import Glibc
public import Host
public import Logging
import RPC
import ServiceLifecycle
import Services
import UnixSignals

/// The daemon as an ordered list of parts: each starts when the one before it is ready, and ends before it
/// does.
public struct Daemon: Sendable {
  private let configuration: DaemonConfiguration
  private let log: Logger
  private let version: String

  /// A daemon of this configuration.
  public init(configuration: DaemonConfiguration, version: String, log: Logger) {
    self.configuration = configuration
    self.version = version
    self.log = log
  }

  /// Runs until SIGTERM, SIGINT or `Daemon.Drain`, then lets streams finish; a second signal stops it at
  /// once.
  ///
  /// - Throws: `WorkbenchError` or `RPCError` when a part cannot start.
  public func run() async throws {
    signal(SIGPIPE, SIG_IGN)
    ChildFamily.adoptOrphans()
    RPC.Log.setHandler { [log] line in log.debug("grpc", metadata: ["line": "\(line)"]) }
    let host = ModelHost(launcher: ProcessLauncher(), log: log)
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
    return [
      HostLifetime(host: host, models: configuration.models),
      PluginTrials(host: host, folders: folders, trier: PluginTrialRunner(), log: log),
      FolderWatcher(host: host, folders: folders, log: log),
      Listeners(
        configuration, host: host, ends: ends, version: version,
        instructionSet: String(cString: ck_level_name(ck_current_level())), log: log),
      InitialModels(host: host, models: configuration.models, log: log),
    ]
  }

  /// Ends the process at the second SIGTERM or SIGINT, whatever is still running or waited for.
  private func endAtSecondSignal() async {
    var signals = await UnixSignalsSequence(trapping: .sigterm, .sigint).makeAsyncIterator()
    guard await signals.next() != nil, await signals.next() != nil else { return }
    log.warning("second signal: stopping at once")
    ChildFamily.killAll()
    _exit(1)
  }
}

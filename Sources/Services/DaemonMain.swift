import CKernels
import Concurrency
import Glibc
public import Host
public import Logging
import RPC
import Runtime
import Sampling
import Synchronization
import UnixSignals

/// The life of a daemon: listen, load, serve, drain.
public struct DaemonMain: Sendable {
  private let configuration: DaemonConfiguration
  private let log: Logger
  private let version: String

  /// A daemon of this configuration.
  public init(configuration: DaemonConfiguration, version: String, log: Logger) {
    self.configuration = configuration
    self.version = version
    self.log = log
  }

  /// Runs until SIGTERM, SIGINT or `Daemon.Drain`, then lets streams end; a second signal ends at once.
  ///
  /// - Throws: `WorkbenchError` or `RPCError` when it cannot listen or a model of the configuration cannot be loaded.
  public func run() async throws {
    signal(SIGPIPE, SIG_IGN)
    RPC.Log.setHandler { [log] line in log.debug("grpc", metadata: ["line": "\(line)"]) }
    let (asked, insisted) = await endSignals()
    let folders = PluginPlace.all(configuration.pluginDirectories, log: log)
    let plugins = try await tryPlugins(in: folders)
    let host = try ModelHost(launcher: ProcessLauncher(), plugins: plugins, log: log)
    try await host.watchTemplates(in: folders)
    try await host.usePresets(in: folders)
    let addresses = Mutex<[String]>([])
    let facts = DaemonFacts(
      version: version, instructionSet: String(cString: ck_level_name(ck_current_level())),
      addresses: { addresses.withLock { $0 } })
    let api = DaemonAPI(host: host, facts: facts)
    let server = try Server(configuration: try serverConfiguration(), routes: api.routes())
    let bound = try await server.start()
    addresses.withLock { $0 = bound.descriptions }
    log.info("listening", metadata: ["addresses": "\(bound.descriptions.joined(separator: ", "))"])

    do {
      try await loadModels(into: host, until: asked)
      await firstOf(asked, api.drainRequested)
    } catch {
      await server.shutdown(drain: .zero)
      await host.stop()
      throw error
    }
    await drain(host, server, api, insisted)
  }

  /// Tries the libraries of the plugin folders, each in a process of its own.
  private func tryPlugins(in folders: [String]) async throws -> [PluginRecord] {
    let stages = Set(SamplerRegistry.builtIn.descriptors.map(\.name))
    let plugins = try await PluginLibraries.tried(
      in: folders, taken: stages, by: PluginTrialRunner())
    for plugin in plugins {
      if let refusal = plugin.refusal {
        log.warning("plugin refused", metadata: ["path": "\(plugin.path)", "why": "\(refusal)"])
      } else {
        log.info("plugin", metadata: ["name": "\(plugin.name)", "path": "\(plugin.path)"])
      }
    }
    return plugins
  }

  /// What the first SIGTERM or SIGINT raises, and what the second does.
  private func endSignals() async -> (asked: Signal, insisted: Signal) {
    let (asked, insisted) = (Signal(), Signal())
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    Task {
      for await _ in signals {
        if asked.isRaised { insisted.raise() }
        asked.raise()
      }
    }
    return (asked, insisted)
  }

  private func serverConfiguration() throws -> ServerConfiguration {
    var result = ServerConfiguration()
    result.unixSocket = try SocketPlace.prepare(configuration.socket)
    result.tcp = try configuration.listen.map { text in
      guard case .tcp(let host, let port)? = try? Target(parsing: text) else {
        throw WorkbenchError(
          .invalidArgument, "--listen \(text): HOST:PORT is expected, such as 127.0.0.1:50051")
      }
      return (host: host, port: port)
    }
    return result
  }

  private func loadModels(into host: ModelHost, until asked: Signal) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for model in configuration.models {
          log.info("loading", metadata: ["path": "\(model.source.path)"])
          _ = try await host.load(
            model.source, name: model.name, template: model.template, preset: model.preset
          ) { _ in }
        }
      }
      group.addTask { await asked.wait() }
      // A signal does not wait for a load of minutes.
      try await group.next()
      group.cancelAll()
    }
  }

  private func firstOf(_ signals: Signal...) async {
    await withTaskGroup(of: Void.self) { group in
      for signal in signals { group.addTask { await signal.wait() } }
      await group.next()
      group.cancelAll()
    }
  }

  private func drain(_ host: ModelHost, _ server: Server, _ api: DaemonAPI, _ insisted: Signal) async {
    log.info("draining", metadata: ["seconds": "\(configuration.drainSeconds)"])
    await host.drain()
    api.drained.raise()
    let impatience = Task { [log] in
      await insisted.wait()
      guard insisted.isRaised else { return }
      log.warning("second signal: ending at once")
      await host.stop()
      _exit(1)
    }
    await server.shutdown(drain: .seconds(configuration.drainSeconds))
    impatience.cancel()
    await host.stop()
    log.info("stopped")
  }
}

extension BoundAddresses {
  /// The addresses as a client may give them.
  fileprivate var descriptions: [String] {
    (unixSocket.map { ["unix:\($0)"] } ?? []) + tcp.map { "\($0.host):\($0.port)" }
  }
}

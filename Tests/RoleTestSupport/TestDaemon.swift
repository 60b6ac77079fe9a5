import Concurrency
package import Host
package import Logging
package import RPC
package import Services
package import State
package import TestSupport

/// A daemon in the process of a test: the API over a host whose workers are in the process too.
package final class TestDaemon: Sendable {
  /// How far away a client of it is.
  package enum Depth: String, CaseIterable, Sendable {
    /// A channel without a socket.
    case inProcess
    /// A connection over a unix socket.
    case unixSocket
  }

  package let host: ModelHost
  package let launcher: InProcessLauncher
  package let ends: DaemonEnds
  /// What it keeps.
  package let state: StateFile
  /// A client's channel to it.
  package let channel: Channel
  /// For the files of the test.
  package let folder: TemporaryFolder
  private let server: Server?

  private init(_ depth: Depth, statePath: String?) async throws {
    if let statePath { state = try await StateFile.open(statePath) } else { state = try StateFile.inMemory() }
    launcher = InProcessLauncher()
    folder = try TemporaryFolder()
    host = ModelHost(launcher: launcher, log: silent, patience: .long)
    _ = try await host.restore(from: state)
    ends = DaemonEnds()
    let facts = DaemonFacts(version: "0.0.0-test", instructionSet: "test", addresses: { ["unix:/test"] })
    let routes = DaemonAPI(host: host, state: state, facts: facts, ends: ends).routes()
    switch depth {
    case .inProcess:
      server = nil
      channel = Channel(inProcess: routes)
    case .unixSocket:
      let path = folder.file("s")
      let server = try Server(configuration: ServerConfiguration(unixSocket: path), routes: routes)
      _ = try await server.start()
      self.server = server
      channel = try Channel(to: .unix(path))
    }
  }

  /// Runs `body` with a daemon, which is stopped in the end.
  ///
  /// - Parameter statePath: Its state file; nil: it keeps nothing.
  package static func run<Result>(
    _ depth: Depth, statePath: String? = nil, _ body: (TestDaemon) async throws -> Result
  ) async throws -> Result {
    let daemon = try await TestDaemon(depth, statePath: statePath)
    do {
      let result = try await body(daemon)
      await daemon.stop()
      return result
    } catch {
      await daemon.stop()
      throw error
    }
  }

  /// Begins to drain, as the daemon does at a signal.
  package func drain() async {
    await host.drain()
  }

  private func stop() async {
    await drain()
    channel.close()
    await server?.shutdown(drain: .zero)
    await host.stop()
    await state.close()
  }
}

/// A log that nobody reads.
package let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

import Concurrency
import ServiceLifecycle

/// A part of the daemon: started after the parts before it, and ended before they are.
protocol DaemonPart: Sendable {
  /// Prepares the part; cancelled if the daemon is told to stop in the meantime.
  func start() async throws
  /// Works until the daemon is told to stop, which cancels this.
  func run() async throws
  /// Ends the part, also if its start failed.
  func stop() async
}

extension DaemonPart {
  func run() async throws { await Signal().wait() }
  func stop() async {}
}

/// Runs a part as a service that waits for the part before it.
struct OrderedService: Service, CustomStringConvertible {
  /// The part's name, for the lines of the service group's log.
  var description: String { "\(type(of: part))" }

  private let part: any DaemonPart
  private let previous: Signal?
  private let isReady = Signal()

  private init(_ part: any DaemonPart, after previous: Signal?) {
    self.part = part
    self.previous = previous
  }

  /// The parts as services, each of which starts when the one before it is ready.
  ///
  /// A service group ends its services in the reverse order by itself.
  static func inOrder(_ parts: [any DaemonPart]) -> [OrderedService] {
    var services: [OrderedService] = []
    for part in parts { services.append(OrderedService(part, after: services.last?.isReady)) }
    return services
  }

  /// Returns when the part has been stopped.
  ///
  /// - Throws: Why the part could not start, or why it ended by itself.
  func run() async throws {
    do {
      try await cancelWhenGracefulShutdown {
        await previous?.wait()
        try Task.checkCancellation()
        try await part.start()
        isReady.raise()
        try await part.run()
      }
    } catch {
      await part.stop()
      // What a start or a run throws because it was cancelled is not a failure.
      if Task.isShuttingDownGracefully || Task.isCancelled { return }
      throw error
    }
    await part.stop()
  }
}

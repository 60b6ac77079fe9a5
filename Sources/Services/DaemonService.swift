import Concurrency
import Glibc
import Host
import RPC
import State
import SwiftProtobuf
public import WorkbenchAPI
import WorkerProtocol

/// The facts about a daemon that its status reports.
public struct DaemonFacts: Sendable {
  /// "0.1.0".
  public var version: String
  /// The addresses that it listens on; known once the server has started.
  public var addresses: @Sendable () -> [String]
  /// The level of the kernels that its workers use: "avx512", "avx2" or "reference".
  public var instructionSet: String
  /// Log lines that were lost since it started.
  public var linesLost: @Sendable () -> Int = { 0 }
  /// What of the state file cannot be read.
  public var unreadableState: [String] = []
  /// The means that lock its workers in.
  public var sandbox: [String] = []
  /// What TCP clients are held to.
  public var limits: @Sendable () async -> [ProtoLimitCounter]
  /// When it started.
  public var startedAt: ContinuousClock.Instant

  /// The facts of a daemon that starts now.
  public init(
    version: String, instructionSet: String, addresses: @escaping @Sendable () -> [String],
    limits: @escaping @Sendable () async -> [ProtoLimitCounter] = { [] }
  ) {
    self.version = version
    self.instructionSet = instructionSet
    self.addresses = addresses
    self.limits = limits
    startedAt = .now
  }
}

/// `workbench.v1.Daemon`.
struct DaemonService: Sendable {
  let host: ModelHost
  let state: StateFile
  let facts: DaemonFacts
  let drainRequested: Signal
  /// Unreadable parts of the state file that a status lists.
  private static let unreadable = 100

  func register(in routes: inout RouteTable) {
    routes.unary(DaemonMethods.status) { _, _ in try await status() }
    routes.unary(DaemonMethods.drain) { _, _ in
      drainRequested.raise()
      return ProtoDrainResponse()
    }
  }

  private func status() async throws -> ProtoDaemonStatusResponse {
    var response = ProtoDaemonStatusResponse()
    response.version = facts.version
    response.pid = Int64(getpid())
    response.uptime = Google_Protobuf_Duration(ContinuousClock.now - facts.startedAt)
    response.addresses = facts.addresses()
    response.models = try await host.models()
    response.liveCalls = UInt32(clamping: RPCDiagnostics.liveCalls)
    response.instructionSet = facts.instructionSet
    response.residentBytes = UInt64(clamping: ProcessMemory.residentBytes())
    response.draining = await host.draining
    response.grpcVersion = RPCDiagnostics.coreVersion
    response.sandbox = facts.sandbox
    response.logLinesLost = UInt64(clamping: facts.linesLost())
    response.limits = await facts.limits()
    if let path = state.path { response.state.path = path }
    response.state.bytes = UInt64(clamping: state.bytes)
    response.state.damagedCopy = state.damagedCopy ?? ""
    response.state.unreadable = Self.shortened(facts.unreadableState)
    return response
  }

  /// The first of them, and how many more there are: of a damaged file it can be everything.
  private static func shortened(_ texts: [String]) -> [String] {
    let shown = texts.prefix(unreadable).map { $0.count > 256 ? $0.prefix(256) + "…" : $0 }
    return texts.count > unreadable ? shown + ["\(texts.count - unreadable) more"] : shown
  }
}

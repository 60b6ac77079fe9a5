import Logging
import WorkerProtocol

/// Finds out, in a process of its own, what the kernel grants to lock workers and plugin trials in.
struct SandboxTrial: DaemonPart {
  let launcher: ProcessLauncher
  let facts: SandboxFacts
  let log: Logger

  /// - Throws: `WorkbenchError` when no process can be started.
  func start() async throws {
    let means = try await launcher.trySandbox()
    facts.set(means.map(\.name))
    if means.isEmpty {
      log.warning(
        "workers and plugins are not locked in: the kernel grants none of the means",
        metadata: ["means": "\(SandboxMeans.allCases.map(\.name).joined(separator: ", "))"])
    } else {
      log.debug("sandbox", metadata: ["means": "\(means.map(\.name).joined(separator: ", "))"])
    }
  }
}

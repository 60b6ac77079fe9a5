package import Runtime

/// The process of a worker: a child of ours, or in tests the test itself.
package protocol WorkerHandle: Sendable {
  /// The process, for `ps` and the log.
  var processID: Int32 { get }
  /// Whether the process still runs.
  var isAlive: Bool { get }
  /// A count that grows as long as it runs, for a process without a flight recorder.
  var beats: Int { get }
  /// Returns when the process has ended.
  func waitForExit() async -> WorkerExit
  /// Ends the process at once.
  func terminate()
}

extension ChildProcess: WorkerHandle {
  /// Only the recorder knows.
  package var beats: Int { 0 }
}

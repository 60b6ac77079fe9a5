import Synchronization
import WorkerProtocol

/// What the kernel grants to lock workers and plugin trials in.
final class SandboxFacts: Sendable {
  private let found = Mutex<[String]>([])

  /// Nothing yet.
  init() {}

  /// The names of the means that hold; empty before they are known.
  var means: [String] { found.withLock { $0 } }

  func set(_ means: [String]) { found.withLock { $0 = means } }
}

import Synchronization

/// Tells whoever watches that a model's state, or the daemon's, may have changed; what it is now has to be asked.
public final class StateChanges: Sendable {
  private struct Watchers {
    var continuations: [Int: AsyncStream<Void>.Continuation] = [:]
    var next = 0
  }

  private let watchers = Mutex(Watchers())

  init() {}

  /// An element for each change, or for several that came together.
  public func stream() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let number = watchers.withLock { watchers in
      watchers.next += 1
      watchers.continuations[watchers.next] = continuation
      return watchers.next
    }
    continuation.onTermination = { [weak self] _ in
      _ = self?.watchers.withLock { $0.continuations.removeValue(forKey: number) }
    }
    return stream
  }

  /// Something has changed.
  func raise() {
    for continuation in watchers.withLock({ Array($0.continuations.values) }) { continuation.yield() }
  }
}

import Synchronization

/// Lets tasks do something one after another, in the order in which they came.
public final class TurnQueue: Sendable {
  /// Raised when the newest turn has ended.
  private let last = Mutex<Signal?>(nil)

  /// A queue in which nobody stands.
  public init() {}

  /// Runs `body` after those that came earlier, and before those that come later.
  ///
  /// Whoever is cancelled while waiting keeps the place, since others wait for its end.
  public func run<Value>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
  ) async rethrows -> Value {
    let ended = Signal()
    let before = last.withLock { last in
      defer { last = ended }
      return last
    }
    defer { ended.raise() }
    await before?.waitToEnd()
    return try await body()
  }
}

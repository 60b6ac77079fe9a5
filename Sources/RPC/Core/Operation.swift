import Synchronization

/// One batch under way in the core: the tag that comes out of the completion queue, exactly once.
final class Operation: Sendable {
  static let live = Atomic<Int>(0)

  private let done: @Sendable (Bool) -> Void

  /// - Parameter done: Runs on the queue's thread when the batch has ended; must be short. What it captures lives
  ///   until then, so it keeps the call alive that the batch writes to.
  private init(_ done: @escaping @Sendable (Bool) -> Void) {
    self.done = done
    Operation.live.add(1, ordering: .relaxed)
  }

  deinit {
    Operation.live.subtract(1, ordering: .relaxed)
  }

  /// Hands a new operation to `start` as a tag; takes it back when `start` says that the tag will not come.
  static func begin(
    _ done: @escaping @Sendable (Bool) -> Void, start: (UnsafeMutableRawPointer) -> Bool
  ) -> Bool {
    let tag = Unmanaged.passRetained(Operation(done))
    let started = start(tag.toOpaque())
    if !started { tag.release() }
    return started
  }

  /// Ends the operation behind a tag that came out of the queue.
  static func finish(_ tag: UnsafeMutableRawPointer, ok: Bool) {
    Unmanaged<Operation>.fromOpaque(tag).takeRetainedValue().done(ok)
  }
}

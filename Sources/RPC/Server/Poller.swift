import CGRPC

/// Watches descriptors for one waiting thread; any thread may add, remove and wake.
final class Poller: @unchecked Sendable {
  // Holds: the pointer never changes and the kernel synchronises the rest.
  private let pointer: OpaquePointer

  init() throws(RPCError) {
    guard let pointer = cgrpc_poller_create() else {
      throw RPCError(.resourceExhausted, "no file descriptor is left for the accept loop")
    }
    self.pointer = pointer
  }

  deinit { cgrpc_poller_destroy(pointer) }

  /// Starts watching; false when the kernel refuses.
  @discardableResult
  func add(_ descriptor: Int32, _ watch: cgrpc_watch) -> Bool {
    cgrpc_poller_add(pointer, descriptor, watch)
  }

  /// Stops watching; needed only for descriptors that stay open.
  func remove(_ descriptor: Int32) {
    cgrpc_poller_remove(pointer, descriptor)
  }

  /// Wakes the waiting thread.
  func wake() {
    cgrpc_poller_wake(pointer)
  }

  /// Fills `buffer` with descriptors that have something to report and returns how many.
  func wait(into buffer: inout [Int32], milliseconds: Int32) -> Int {
    Int(cgrpc_poller_wait(pointer, &buffer, Int32(clamping: buffer.count), milliseconds))
  }
}

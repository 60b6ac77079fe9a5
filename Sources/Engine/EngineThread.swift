import Glibc

/// One operating-system thread that runs a closure.
struct EngineThread: Sendable {
  private let handle: pthread_t

  /// Starts the thread.
  ///
  /// - Throws: `thread` with the system's error number.
  init(_ body: @escaping @Sendable () -> Void) throws(EngineError) {
    let box = Unmanaged.passRetained(Body(body))
    var handle = pthread_t()
    let code = pthread_create(
      &handle, nil,
      { raw in
        guard let raw else { return nil }
        Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw .thread(code: code)
    }
    self.handle = handle
  }

  /// Waits for the end; once, and never after `detach`.
  func join() { pthread_join(handle, nil) }

  /// Lets the thread end on its own.
  func detach() { pthread_detach(handle) }

  private final class Body {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
      self.run = run
    }
  }
}

import Glibc

/// A thread of the operating system that runs one closure: for what blocks, or computes for long.
///
/// It takes no signals: they are for the threads that a process began with.
public struct OwnThread: Sendable {
  private let handle: pthread_t

  /// Starts the thread.
  ///
  /// - Throws: `ThreadError` when the system has none left.
  public init(_ body: @escaping @Sendable () -> Void) throws(ThreadError) {
    // A new thread begins with the mask of the one that makes it.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let box = Unmanaged.passRetained(Box(body))
    var handle = pthread_t()
    let code = pthread_create(
      &handle, nil,
      { raw in
        if let raw { Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().body() }
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw ThreadError(code: code)
    }
    self.handle = handle
  }

  /// Starts a thread that ends on its own.
  ///
  /// - Throws: `ThreadError` when the system has none left.
  public static func detached(_ body: @escaping @Sendable () -> Void) throws(ThreadError) {
    try OwnThread(body).detach()
  }

  /// Waits for the end; once, and never after `detach`.
  public func join() { pthread_join(handle, nil) }

  /// Lets the thread end on its own.
  public func detach() { pthread_detach(handle) }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

/// The system has no thread left.
public struct ThreadError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The system's error number.
  public let code: Int32

  /// What the system says.
  public var description: String { "no thread could be started: \(String(cString: strerror(code)))" }
}

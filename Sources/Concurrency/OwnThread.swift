import Glibc
import Synchronization

/// A thread of the operating system that runs one closure: for what blocks, or computes for long.
///
/// It takes no signals: they are for the threads that a process began with.
public struct OwnThread: Sendable {
  private let handle: pthread_t

  /// Starts the thread; debuggers and `ps` show the first 15 bytes of its name.
  ///
  /// - Throws: `ThreadError` when the system refuses another thread.
  public init(name: String? = nil, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
    try self.init(name: name, stackBytes: nil, body)
  }

  /// Starts a thread with a stack of a given size; nil: the system's default.
  init(name: String?, stackBytes: Int?, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    if let stackBytes { pthread_attr_setstacksize(&attributes, stackBytes) }
    // A new thread inherits the signal mask of the thread that creates it.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    // Raised by what the thread itself does: blocked, it would end the process where a handler could answer.
    sigdelset(&all, SIGSYS)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let box = Unmanaged.passRetained(Box(name, body))
    var handle = pthread_t()
    let code = pthread_create(
      &handle, &attributes,
      { raw in
        if let raw { Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().run() }
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw ThreadError(code: code)
    }
    self.handle = handle
  }

  /// Starts a thread that nobody waits for.
  ///
  /// - Throws: `ThreadError` when the system refuses another thread.
  public static func detached(
    name: String? = nil, _ body: @escaping @Sendable () -> Void
  ) throws(ThreadError) {
    try OwnThread(name: name, body).detach()
  }

  /// Runs `body` on a thread made for it, off the threads that Swift concurrency shares, and returns its result.
  ///
  /// Cancelling the waiting task does not interrupt `body`.
  ///
  /// - Throws: What `body` throws; `ThreadError` when the system refuses another thread.
  public static func run<Value: Sendable>(
    name: String? = nil, _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      do throws(ThreadError) {
        try detached(name: name) { continuation.resume(with: Result { try body() }) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  /// How many of `most` threads the system lets run at the same time; nil: all of them.
  public static func countPossible(upTo most: Int) -> Int? {
    let gate = Gate()
    var started: [OwnThread] = []
    // Held until all have started, so that none ends before.
    gate.mutex.withLock { _ in
      while started.count < most, let thread = try? OwnThread({ gate.mutex.withLock { _ in } }) {
        started.append(thread)
      }
    }
    for thread in started { thread.join() }
    return started.count < most ? started.count : nil
  }

  /// Waits for the thread to end; at most once, and never after `detach`.
  public func join() { pthread_join(handle, nil) }

  /// Lets the thread end without anybody waiting for it.
  public func detach() { pthread_detach(handle) }

  /// Processor time that the thread has used so far; nil where the system does not tell, as after its end.
  public var processorSeconds: Double? {
    var clock = clockid_t()
    var time = timespec()
    guard pthread_getcpuclockid(handle, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private final class Gate: Sendable {
    let mutex = Mutex(())
  }

  private final class Box: Sendable {
    private let name: String?
    private let body: @Sendable () -> Void

    init(_ name: String?, _ body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }

    func run() {
      if let name { OwnThread.setCurrentName(name) }
      body()
    }
  }

  /// Names the calling thread, by a function that Glibc's module leaves out.
  private static func setCurrentName(_ name: String) {
    typealias Function = @convention(c) (pthread_t, UnsafePointer<CChar>) -> Int32
    guard let symbol = dlsym(nil, "pthread_setname_np") else { return }
    let bytes = name.utf8.prefix(15).map { CChar(bitPattern: $0) } + [0]
    _ = unsafeBitCast(symbol, to: Function.self)(pthread_self(), bytes)
  }
}

/// The system refused to start a thread.
public struct ThreadError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The system's error number, such as `EAGAIN`.
  public let code: Int32

  /// The system's reason, such as "Resource temporarily unavailable".
  public var reason: String { String(cString: strerror(code)) }

  /// The reason and what may help, in one line.
  public var description: String {
    "no thread could be started: \(reason); raise the limit of processes and threads (ulimit -u) or of address space "
      + "(ulimit -v)"
  }
}

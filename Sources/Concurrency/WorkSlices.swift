import Glibc

/// Long computations in slices, between which others may have their turn.
///
/// Whoever starts a computation on a thread of its own says what happens between two slices. The computation says, as often
/// as every few microseconds, where a slice may end.
public enum WorkSlices {
  private final class Boundary: Sendable {
    let call: @Sendable () -> Bool
    init(_ call: @escaping @Sendable () -> Bool) { self.call = call }
  }

  /// Belongs to a thread: the computation has no task, in whose values it could stand.
  private static let key: pthread_key_t? = {
    var key = pthread_key_t()
    return pthread_key_create(&key, nil) == 0 ? key : nil
  }()

  /// Called on the computing thread where a slice may end; nil: nobody else waits for the thread's place.
  ///
  /// It may wait for the next turn, and tells whether the result is still wanted.
  public static var boundary: (@Sendable () -> Bool)? {
    guard let key, let raw = pthread_getspecific(key) else { return nil }
    return Unmanaged<Boundary>.fromOpaque(raw).takeUnretainedValue().call
  }

  /// Runs `body` on the calling thread, with `boundary` between its slices.
  public static func withBoundary<Result, Failure: Error>(
    _ boundary: @escaping @Sendable () -> Bool, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let key else { return try body() }
    let before = pthread_getspecific(key)
    let own = Boundary(boundary)
    return try withExtendedLifetime(own) { () throws(Failure) -> Result in
      pthread_setspecific(key, Unmanaged.passUnretained(own).toOpaque())
      defer { pthread_setspecific(key, before) }
      return try body()
    }
  }
}

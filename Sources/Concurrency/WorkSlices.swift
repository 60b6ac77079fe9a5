/// Long computations in slices, between which others may have their turn.
///
/// Whoever starts a computation on a thread of its own says what happens between two slices. The computation says, as often
/// as every few microseconds, where a slice may end.
public enum WorkSlices {
  /// Called on the computing thread where a slice may end; nil: nobody else waits for the thread's place.
  ///
  /// It may wait for the next turn, and tells whether the result is still wanted.
  @TaskLocal public static var boundary: (@Sendable () -> Bool)?
}

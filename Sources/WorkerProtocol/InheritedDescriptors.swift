/// Where a worker or a plugin trial finds what it inherits from the daemon.
public enum InheritedDescriptors {
  /// Its end of the socket pair: a worker serves it, a trial writes its report to it.
  public static let socket: Int32 = 3
  /// The read end of a pipe that the kernel closes when the daemon is gone, however it ends.
  public static let lifeline: Int32 = 4
  /// The memory of the flight recorder; workers only.
  public static let record: Int32 = 5
}

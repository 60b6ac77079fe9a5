/// The descriptors that a worker or a plugin trial inherits from the daemon.
public enum InheritedDescriptors {
  /// Its end of the socket pair: a worker serves it, a trial writes its report to it.
  public static let socket: Int32 = 3
  /// The read end of a pipe; its write end is closed when the daemon ends, even if it is killed.
  public static let lifeline: Int32 = 4
  /// The memory of the flight recorder; workers only.
  public static let record: Int32 = 5
  /// Where it asks for files and tells what its sandbox refused.
  public static let requests: Int32 = 6
}

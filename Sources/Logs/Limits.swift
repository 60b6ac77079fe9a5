/// The limits of the log, by name.
public enum Limits {
  /// Lines that wait for the log's thread; further ones are lost.
  public static let waitingLines = 1024
  /// Bytes of such lines; further ones are lost.
  public static let waitingBytes = 1 << 20
  /// Bytes of a line; the rest is cut off.
  public static let lineBytes = 16 << 10
  /// How long the end of the process waits for its last lines.
  public static let lastLines: Duration = .seconds(1)
}

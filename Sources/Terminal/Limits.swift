/// Bounds on what this module keeps and draws.
public enum Limits {
  /// Lines that a history keeps.
  public static let historyEntries = 1000
  /// Bytes read from the end of a history file; older lines are dropped.
  public static let historyBytes = 1 << 20
  /// Bytes of one edited line; the editor refuses more with a bell.
  public static let lineBytes = 1 << 20
  /// Bytes of an escape sequence; a longer one is discarded.
  public static let escapeBytes = 64
  /// Columns of a terminal that does not report its size.
  public static let defaultColumns = 80
  /// Rows of a terminal that does not report its size.
  public static let defaultRows = 24
  /// Columns that a wrapped cell of a table keeps at least.
  public static let cellColumns = 8
  /// Columns of the bar of a progress bar, at most.
  public static let barColumns = 40
}

/// Every number that bounds what this module keeps or draws, by name.
public enum Limits {
  /// Lines that a history keeps.
  public static let historyEntries = 1000
  /// Bytes of a history file that are read; older lines beyond are dropped.
  public static let historyBytes = 1 << 20
  /// Bytes of one line that the editor takes; what goes beyond is refused with a bell.
  public static let lineBytes = 1 << 20
  /// Bytes of an escape sequence before it is given up.
  public static let escapeBytes = 64
  /// Columns assumed when a terminal does not say.
  public static let defaultColumns = 80
  /// Rows assumed when a terminal does not say.
  public static let defaultRows = 24
  /// Columns of a progress bar's bar, at most.
  public static let barColumns = 40
}

import Glibc

/// Whether a descriptor is a terminal.
public func isTerminal(_ descriptor: Int32) -> Bool {
  isatty(descriptor) == 1
}

/// The size of a terminal's window.
public struct TerminalSize: Sendable, Equatable {
  /// Columns of one cell each.
  public var columns: Int
  /// Rows.
  public var rows: Int

  /// A size as given.
  public init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// The size now of the terminal behind a descriptor, or the usual one when it does not say.
  public init(of descriptor: Int32) {
    var size = winsize()
    let known = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
    columns = known && size.ws_col > 0 ? Int(size.ws_col) : Limits.defaultColumns
    rows = known && size.ws_row > 0 ? Int(size.ws_row) : Limits.defaultRows
  }
}

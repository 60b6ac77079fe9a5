import Glibc

/// Whether a descriptor is a terminal.
public func isTerminal(_ descriptor: Int32) -> Bool {
  isatty(descriptor) == 1
}

/// The size of a terminal window in cells.
public struct TerminalSize: Sendable, Equatable {
  /// Width in cells.
  public var columns: Int
  /// Height in cells.
  public var rows: Int

  /// A known size.
  public init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// The current size of the terminal behind a descriptor, or 80 by 24 if it does not report one.
  public init(of descriptor: Int32) {
    var size = winsize()
    let known = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
    columns = known && size.ws_col > 0 ? Int(size.ws_col) : Limits.defaultColumns
    rows = known && size.ws_row > 0 ? Int(size.ws_row) : Limits.defaultRows
  }
}

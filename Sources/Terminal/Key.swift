/// What a person did on the keyboard.
public enum Key: Sendable, Equatable {
  /// A character, or a part of one: graphemes of several scalars come one by one.
  case scalar(Unicode.Scalar)
  /// Text that a terminal marks as pasted; newlines are `\n`.
  case paste(String)
  /// Return.
  case enter
  /// Alt and Return: a newline within the line.
  case newline
  /// Cursor movement.
  case left, right, up, down, home, end, wordLeft, wordRight
  /// Removal at the cursor.
  case backspace, delete, killToEnd, killToStart, killWordLeft, killWordRight
  /// What was removed last comes back.
  case yank
  /// Control and T: the two characters at the cursor change places.
  case transpose
  /// Control and a letter that means something to a whole program.
  case interrupt, endOfFile, clearScreen, suspend
  /// Tab.
  case tab
}

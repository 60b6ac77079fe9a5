/// A key press, as the line editor understands it.
public enum Key: Sendable, Equatable {
  /// A scalar; a grapheme of several scalars arrives as several keys.
  case scalar(Unicode.Scalar)
  /// Pasted text (bracketed paste), with `\n` as newlines.
  case paste(String)
  /// Return.
  case enter
  /// Alt-Return: a newline within the line.
  case newline
  /// Cursor movement.
  case left, right, up, down, home, end, wordLeft, wordRight
  /// Deletion at the cursor; the kill keys keep the text for `yank`.
  case backspace, delete, killToEnd, killToStart, killWordLeft, killWordRight
  /// Control-Y: inserts the text that was killed last.
  case yank
  /// Control-T: swaps the two characters at the cursor.
  case transpose
  /// Control-C, Control-D, Control-L and Control-Z.
  case interrupt, endOfFile, clearScreen, suspend
  /// Tab.
  case tab
}

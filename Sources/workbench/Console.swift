import Glibc
import Terminal
import WorkbenchAPI

/// The descriptors that the program reads and writes; tests replace them with files.
struct Console: Sendable {
  /// The console of the running command.
  @TaskLocal static var current = Console()

  /// Standard input.
  var input: Int32 = 0
  /// Standard output: answers only.
  var output: Int32 = 1
  /// Standard error: progress, statistics, errors.
  var error: Int32 = 2
  /// Handles Control-C.
  var interrupts = Interrupts()

  /// Writes text at once; on a terminal control characters other than newline and tab are made visible.
  func print(_ text: String) throws(ClientError) {
    try check(writeAll(isTerminal(output) ? SafeText.escaping(text) : text, to: output))
  }

  /// Writes text that is safe for a terminal already.
  func print(terminal text: String) throws(ClientError) {
    try check(writeAll(text, to: output))
  }

  /// Writes text and a newline.
  func printLine(_ text: String) throws(ClientError) {
    try print(text + "\n")
  }

  /// Writes bytes as they are, except on a terminal, which gets them as text.
  func print(bytes: [UInt8]) throws(ClientError) {
    if isTerminal(output) { return try print(String(decoding: bytes, as: UTF8.self)) }
    try check(writeAll(bytes, to: output))
  }

  /// Writes a newline after a text that lacks one, on a terminal only.
  func endText(after text: String) throws(ClientError) {
    if isTerminal(output), !text.isEmpty, text.last != "\n" { try print("\n") }
  }

  /// Writes text to standard error, on a terminal with lines broken between words.
  func note(_ text: String) {
    guard let columns = errorColumns else {
      _ = writeAll(text, to: error)
      return
    }
    _ = writeAll(WordWrap.wrapped(SafeText.escaping(text), columns: columns), to: error)
  }

  /// The width of standard output; nil if it is not a terminal, where lines have any length.
  var columns: Int? { Self.columns(output) }
  /// The width of standard error; nil if it is not a terminal.
  var errorColumns: Int? { Self.columns(error) }

  private static func columns(_ descriptor: Int32) -> Int? {
    guard isTerminal(descriptor) else { return nil }
    if let named = DefaultAddress.environment("COLUMNS").flatMap({ Int($0) }), named > 0 { return named }
    return TerminalSize(of: descriptor).columns
  }

  /// Says that a change is lost when the daemon ends, if it is.
  func note(untilRestart: Bool) {
    if untilRestart { note("(until the daemon ends)\n") }
  }

  /// Writes an error and its hint to standard error.
  func complain(_ error: ClientError) {
    note("workbench: \(error.message)\n")
    if let hint = error.hint { note("workbench: \(hint)\n") }
  }

  private func check(_ number: Int32) throws(ClientError) {
    switch number {
    case 0: return
    case EPIPE: throw .brokenPipe
    case EBADF: throw ClientError(.failure, "cannot write the output: standard output is closed")
    default: throw ClientError(.failure, "cannot write the output: \(String(cString: strerror(number)))")
    }
  }
}

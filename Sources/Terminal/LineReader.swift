import Glibc

/// Reads lines, with editing and history if input and output are terminals.
public struct LineReader {
  /// The result of reading a line.
  public enum Line: Sendable, Equatable {
    /// A line without its end.
    case line(String)
    /// The end of the input, or Control-D.
    case endOfInput
    /// Control-C, with the text that had been typed.
    case interrupted(String)
    /// A line with bytes that are not UTF-8, the first of them at this position, counted from 1.
    case notUTF8(byte: Int)
  }

  /// The lines that the up and down keys recall; the caller adds to them.
  public var history: History
  private let input: Int32
  private let output: Int32
  private let editing: Bool
  private var parser = KeyParser()
  /// Keys that arrived together with the end of the last line.
  private var pending: [Key] = []
  private var plain: [UInt8] = []

  /// A reader between two descriptors; it edits when both are terminals and `term`, or `TERM`, is not `dumb`.
  public init(input: Int32 = 0, output: Int32 = 1, history: History = History(), term: String? = nil) {
    self.input = input
    self.output = output
    self.history = history
    let term = term ?? getenv("TERM").map { String(cString: $0) } ?? "dumb"
    editing = isTerminal(input) && isTerminal(output) && term != "dumb"
  }

  /// Reads one line and blocks the calling thread until it is complete.
  public mutating func readLine(prompt: String) -> Line {
    guard editing, let raw = RawMode.begin(input) else { return readPlainLine(prompt: prompt) }
    let (line, suspended) = edit(LineEditor(history: history.entries), prompt: prompt)
    raw.end()
    guard let editor = suspended else { return line }
    return resume(editor, prompt: prompt)
  }

  /// Stops the program, as Control-Z does, and continues the line after SIGCONT.
  private mutating func resume(_ suspended: LineEditor, prompt: String) -> Line {
    var editor = suspended
    while true {
      kill(0, SIGTSTP)
      guard let raw = RawMode.begin(input) else { return .endOfInput }
      let (line, again) = edit(editor, prompt: prompt)
      raw.end()
      guard let again else { return line }
      editor = again
    }
  }

  /// Edits until the line is complete; returns the editor too if the line was only suspended.
  private mutating func edit(_ start: LineEditor, prompt: String) -> (Line, LineEditor?) {
    var editor = start
    var row = 0
    draw(editor, prompt, &row)
    while true {
      while !pending.isEmpty {
        let action = editor.handle(pending.removeFirst())
        switch action {
        case .none: continue
        case .bell: send("\u{07}")
        case .redraw:
          // A burst of keys, as from a paste without brackets, is drawn once.
          if pending.isEmpty { draw(editor, prompt, &row) }
        case .clearScreen:
          send("\u{1B}[H\u{1B}[2J")
          row = 0
          draw(editor, prompt, &row)
        case .submit(let text): return (finish(.line(text), editor, prompt, row), nil)
        case .interrupt: return (finish(.interrupted(editor.text), editor, prompt, row, mark: "^C"), nil)
        case .endOfInput: return (finish(.endOfInput, editor, prompt, row), nil)
        case .suspend: return (finish(.endOfInput, editor, prompt, row), editor)
        }
      }
      switch readSome(input) {
      case .bytes(let bytes): pending = parser.parse(bytes)
      case .end: return (finish(.endOfInput, editor, prompt, row), nil)
      case .interrupted: draw(editor, prompt, &row)
      }
    }
  }

  private func layout(_ editor: LineEditor, _ prompt: String) -> LineLayout {
    let columns = TerminalSize(of: output).columns
    return LineLayout(prompt: prompt, before: editor.before, after: editor.after, columns: columns)
  }

  private func draw(_ editor: LineEditor, _ prompt: String, _ row: inout Int) {
    let layout = layout(editor, prompt)
    send(layout.drawing(over: row))
    row = layout.cursorRow
  }

  private func finish(_ line: Line, _ editor: LineEditor, _ prompt: String, _ row: Int, mark: String = "")
    -> Line
  {
    let layout = layout(editor, prompt)
    send(layout.drawing(over: row) + mark + layout.leaving)
    return line
  }

  private func send(_ text: String) {
    _ = writeAll(text, to: output)
  }

  /// Reads a line without editing; the prompt is shown only on a terminal.
  private mutating func readPlainLine(prompt: String) -> Line {
    if isTerminal(input), isTerminal(output) { send(prompt) }
    while true {
      if let end = plain.firstIndex(of: 0x0A) {
        let line = Array(plain[..<end])
        plain.removeFirst(end + 1)
        return Self.line(line.last == 0x0D ? line.dropLast() : line)
      }
      switch readSome(input) {
      case .bytes(let bytes): plain += bytes
      case .interrupted: continue
      case .end:
        defer { plain = [] }
        return plain.isEmpty ? .endOfInput : Self.line(plain)
      }
    }
  }

  private static func line(_ bytes: [UInt8]) -> Line {
    if let offset = UTF8Check.firstInvalid(bytes) { return .notUTF8(byte: offset + 1) }
    return .line(String(decoding: bytes, as: UTF8.self))
  }
}

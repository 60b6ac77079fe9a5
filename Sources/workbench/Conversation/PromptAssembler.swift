/// Turns lines into messages and commands; a message between `"""` may have several lines.
struct PromptAssembler: Sendable {
  /// The result of a line.
  enum Step: Equatable, Sendable {
    /// The message needs more lines.
    case more
    /// An empty line.
    case nothing
    /// A whole message.
    case message(String)
    /// A line that begins with `/` and a word; a line that begins with a path is a message.
    case command(String)
  }

  private static let mark = "\"\"\""
  private var lines: [String]?

  /// Whether a message of several lines has begun and not ended.
  var isOpen: Bool { lines != nil }

  /// Adds a line to the open message, or begins one.
  mutating func add(_ line: String) -> Step {
    if var open = lines {
      guard line.hasSuffix(Self.mark) else {
        open.append(line)
        lines = open
        return .more
      }
      let last = String(line.dropLast(Self.mark.count))
      lines = nil
      if !last.isEmpty { open.append(last) }
      return .message(open.joined(separator: "\n"))
    }
    if line.hasPrefix(Self.mark) {
      let rest = String(line.dropFirst(Self.mark.count))
      if rest.hasSuffix(Self.mark) { return .message(String(rest.dropLast(Self.mark.count))) }
      lines = rest.isEmpty ? [] : [rest]
      return .more
    }
    if line.allSatisfy(\.isWhitespace) { return .nothing }
    // Only a single line can be a command: a pasted text may begin with anything.
    if line.contains("\n") { return .message(line) }
    if line.hasPrefix("//") { return .message(String(line.dropFirst())) }
    return SlashCommand.isCommand(line) ? .command(line) : .message(line)
  }

  /// Discards a message that has begun.
  mutating func reset() {
    lines = nil
  }
}

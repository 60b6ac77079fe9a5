/// The ```` ```console ```` blocks of a Markdown text: what is typed, and what then stands on the terminal.
struct ConsoleBlocks {
  /// A command line with its output.
  struct Step: Sendable, Equatable {
    /// The line of the text, from 1.
    var line: Int
    /// What follows `$ `.
    var command: String
    /// What is typed in a conversation: the lines that begin with `>>> `, without that.
    var typed: [String] = []
    /// The lines up to the next command, those that are typed included.
    var output: [String] = []
  }

  /// Every command, in order.
  let steps: [Step]

  /// Reads a text; lines of a block before its first command are not allowed.
  init(_ text: String) throws {
    var steps: [Step] = []
    var isOpen = false
    var isFirst = false
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("```") {
        isOpen = !isOpen && line == "```console"
        isFirst = true
      } else if isOpen, line.hasPrefix("$ ") {
        steps.append(Step(line: index + 1, command: String(line.dropFirst(2))))
        isFirst = false
      } else if isOpen {
        guard !isFirst else { throw OutputWithoutCommand(line: index + 1) }
        if line.hasPrefix(">>> ") { steps[steps.count - 1].typed.append(String(line.dropFirst(4))) }
        steps[steps.count - 1].output.append(String(line))
      }
    }
    // An empty line that only sets commands apart is not output.
    for index in steps.indices where steps[index].output.last == "" { steps[index].output.removeLast() }
    self.steps = steps
  }

  /// A block that begins with output.
  struct OutputWithoutCommand: Error {
    var line: Int
  }
}

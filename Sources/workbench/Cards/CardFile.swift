/// A text file that a profile is proposed from, line by line.
struct CardFile: Sendable {
  /// One line.
  struct Line: Sendable {
    /// From 1.
    var number: Int
    var text: String
    /// The number of the code block that it is in; nil outside.
    var block: Int?
  }

  /// A fenced block of Markdown.
  struct Block: Sendable {
    /// What is after the fence: "python", or nothing.
    var language: String
    /// The lines between the fences.
    var lines: [Line] = []
    /// The last lines of text before it, newest first, without empty ones.
    var before: [String]

    /// Whether it is code rather than an example of a prompt.
    var isCode: Bool {
      ["python", "py"].contains(language.lowercased()) || lines.contains { $0.text.hasPrefix("import ") }
    }
  }

  /// The name that findings cite.
  let name: String
  let lines: [Line]
  let blocks: [Block]

  /// A Markdown text.
  init(markdown text: String, name: String) {
    self.name = name
    var lines: [Line] = []
    var blocks: [Block] = []
    var fence: Substring?
    var before: [String] = []
    for (index, raw) in Self.split(text).enumerated() {
      let trimmed = raw.drop { $0 == " " }
      if let open = fence {
        if trimmed.hasPrefix(open), trimmed.allSatisfy({ $0 == "`" || $0 == "~" || $0.isWhitespace }) {
          fence = nil
          before = []
          continue
        }
        let line = Line(number: index + 1, text: String(raw), block: blocks.count - 1)
        lines.append(line)
        blocks[blocks.count - 1].lines.append(line)
      } else if trimmed.hasPrefix("```") || trimmed.hasPrefix("~~~") {
        fence = trimmed.prefix { $0 == trimmed.first }
        let language = trimmed.drop { $0 == "`" || $0 == "~" }
        blocks.append(Block(language: language.trimmed, before: before))
      } else {
        lines.append(Line(number: index + 1, text: String(raw), block: nil))
        if !raw.trimmed.isEmpty { before = [String(raw)] + before.prefix(2) }
      }
    }
    self.lines = lines
    self.blocks = blocks
  }

  /// A text without blocks.
  init(lines text: String, name: String) {
    self.name = name
    blocks = []
    lines = Self.split(text).enumerated().map { Line(number: $0 + 1, text: String($1), block: nil) }
  }

  /// The lines of a text, whatever ends them.
  static func split(_ text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
  }
}

extension StringProtocol {
  /// Without white space at its ends.
  var trimmed: String {
    let start = drop { $0.isWhitespace }
    return String(start.reversed().drop { $0.isWhitespace }.reversed())
  }
}

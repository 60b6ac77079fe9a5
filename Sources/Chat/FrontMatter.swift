import Jinja

/// The head of a template file: lines of `key: value` between two lines of `---`.
///
/// Keys: `description`, `stop` (one string, a list in brackets, or `- item` lines below), `content` (`text` or `parts`).
/// A value in double quotes is read as JSON.
struct FrontMatter {
  var summary = ""
  var stopStrings: [String] = []
  /// What the template takes as content.
  var format = ContentFormat.asGiven
  var body = ""
  /// Lines in front of the body.
  var lineCount = 0

  private static let keys = ["content", "description", "stop"]

  /// Separates head and body; a source that does not start with `---` is all body.
  static func split(_ source: String, name: String) throws(ChatError) -> FrontMatter {
    var matter = FrontMatter()
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasSuffix("\r") ? line.dropLast() : line
    }
    guard lines.first == "---" else {
      matter.body = source
      return matter
    }
    guard let end = lines.prefix(Limits.frontMatterLines).dropFirst().firstIndex(of: "---") else {
      throw .frontMatter(
        name: name, line: 1, problem: "the front matter that starts with '---' has no closing line '---'")
    }
    var key = ""
    for number in 1..<end {
      let line = lines[number]
      let content = trimmed(line)
      if content.isEmpty || content.hasPrefix("#") { continue }
      func problem(_ text: String) -> ChatError { .frontMatter(name: name, line: number + 1, problem: text) }
      if content.hasPrefix("- ") || content == "-", !key.isEmpty {
        guard key == "stop" else { throw problem("'\(key)' must be one string, not a list") }
        guard let item = scalar(trimmed(content.dropFirst())) else {
          throw problem("'stop' must hold strings; write this one in double quotes")
        }
        matter.stopStrings.append(item)
        continue
      }
      guard key.isEmpty || !(line.hasPrefix(" ") || line.hasPrefix("\t")) else {
        throw problem("'\(key)' must not hold keys of its own")
      }
      guard let colon = line.firstIndex(of: ":") else { throw problem("expected 'key: value'") }
      key = String(trimmed(line[..<colon]))
      let value = trimmed(line[line.index(after: colon)...])
      if let text = matter.set(key, value) { throw problem(text) }
    }
    matter.body = lines[(end + 1)...].joined(separator: "\n")
    matter.lineCount = end + 1
    return matter
  }

  /// Takes a value; gives what is wrong with it.
  private mutating func set(_ key: String, _ value: Substring) -> String? {
    switch key {
    case "description":
      guard let text = Self.scalar(value) else {
        return "'description' must be one string; write it in double quotes"
      }
      guard text.utf8.count <= Limits.descriptionBytes else {
        return "'description' has \(text.utf8.count) bytes; at most \(Limits.descriptionBytes) are allowed"
      }
      summary = text
    case "stop":
      if value.isEmpty { return nil }
      if value.hasPrefix("[") {
        guard let list = Self.list(value) else { return "'stop' must be a list of strings: [\"a\", \"b\"]" }
        stopStrings += list
      } else {
        guard let text = Self.scalar(value) else {
          return "'stop' must be a string or a list of strings: \"a\" or [\"a\", \"b\"]"
        }
        stopStrings.append(text)
      }
    case "content":
      guard value == "text" || value == "parts" else { return "'content' must be 'text' or 'parts'" }
      format = value == "text" ? .text : .parts
    default: return "unknown key '\(key)'; known: \(Self.keys.joined(separator: ", "))"
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }

  /// What a bare text must not begin with: in YAML it would be a mapping, a list, a reference, a tag or a block.
  private static let marks = "{[&*!|>%@`"

  /// Whether a bare text is something other than a string in YAML: a number, a truth value or nothing.
  private static func isOther(_ text: Substring) -> Bool {
    ["true", "false", "null", "~", "yes", "no", "on", "off"].contains(text.lowercased())
      || Double(text) != nil
  }

  /// A string: JSON in double quotes, anything between single quotes, or the bare text; nil for anything else.
  private static func scalar(_ text: Substring) -> String? {
    if text.hasPrefix("\"") {
      guard let value = try? Value(json: String(text)), case .string(let string, _) = value else {
        return nil
      }
      return string
    }
    if text.hasPrefix("'") {
      guard text.hasSuffix("'"), text.utf8.count > 1 else { return nil }
      return String(text.dropFirst().dropLast())
    }
    if let first = text.first, marks.contains(first) || isOther(text) { return nil }
    return String(text)
  }

  private static func list(_ text: Substring) -> [String]? {
    guard let value = try? Value(json: String(text)), case .list(let items) = value else { return nil }
    var strings: [String] = []
    for item in items {
      guard case .string(let string, _) = item else { return nil }
      strings.append(string)
    }
    return strings
  }
}

import Jinja

/// The head of a template file: lines of `key: value` between two lines of `---`.
///
/// Keys: `description`, `stop` (one string, a list in brackets, or `- item` lines below), `content` (`text` or `parts`).
/// A value in double quotes is read as JSON.
struct FrontMatter {
  var summary = ""
  var stopStrings: [String] = []
  /// Whether content in parts is joined before the template sees it; nil to find out from the template.
  var joinsParts: Bool?
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
      if content.hasPrefix("- "), key == "stop" {
        guard let item = scalar(trimmed(content.dropFirst(2))) else { throw problem("expected a string") }
        matter.stopStrings.append(item)
        continue
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
      guard let text = Self.scalar(value) else { return "expected a string" }
      summary = text
    case "stop":
      if value.isEmpty { return nil }
      if value.hasPrefix("[") {
        guard let list = Self.list(value) else { return "write a list as [\"a\", \"b\"]" }
        stopStrings += list
      } else {
        guard let text = Self.scalar(value) else { return "expected a string" }
        stopStrings.append(text)
      }
    case "content":
      guard value == "text" || value == "parts" else { return "'content' must be 'text' or 'parts'" }
      joinsParts = value == "text"
    default: return "unknown key '\(key)'; known: \(Self.keys.joined(separator: ", "))"
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }

  /// A value: JSON in double quotes, anything between single quotes, or the bare text.
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

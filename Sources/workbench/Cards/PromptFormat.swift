/// A plain prompt format: what is written before each turn.
struct PromptFormat: Sendable, Equatable {
  /// Before the system message, such as "SYSTEM: "; empty if the format has none.
  var systemHead = ""
  /// The system message of an example.
  var system: String?
  /// Before the user's turn, such as "\nUSER: ".
  var userHead: String
  /// Before the assistant's turn, such as "\nASSISTANT: ".
  var assistantHead: String

  /// The pieces of a format string around its placeholders: `{conversation} \nUSER: {input} \nASSISTANT: `, where the
  /// first stands for what was said before, or `USER: {input}\nASSISTANT:`.
  init?(placeholders pieces: [String]) {
    let turn = pieces.first?.isEmpty == true && pieces.count == 3 ? Array(pieces.dropFirst()) : pieces
    guard turn.count == 2, Self.isHead(turn[0]), Self.isHead(turn[1]) else { return nil }
    userHead = turn[0]
    assistantHead = turn[1]
  }

  /// An example of a prompt: lines that each begin with a label such as "USER:", the last one alone; or one with a
  /// placeholder such as `{prompt}`.
  init?(example text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if text.contains("{"), let pieces = Self.pieces(text) {
      self.init(placeholders: pieces)
      return
    }
    let labels = lines.map { Self.label(of: $0) ?? ($0.hasSuffix(":") ? $0 : nil) }
    guard let last = labels.last ?? nil, lines.last == last, let user = labels.lastIndex(where: Self.isUser)
    else {
      return nil
    }
    var head = ""
    var system: String?
    if let label = labels.first ?? nil, label.lowercased().contains("system"), user > 0 {
      head = label
      system = ([String(lines[0].dropFirst(label.count))] + lines[1..<user]).joined(separator: "\n")
    }
    self.init(systemHead: head, userHead: "\n" + (labels[user] ?? ""), assistantHead: "\n" + last)
    self.system = system
  }

  private init(systemHead: String, userHead: String, assistantHead: String) {
    self.systemHead = systemHead
    self.userHead = userHead
    self.assistantHead = assistantHead
  }

  /// The label at the start of a text: "SYSTEM: ".
  static func label(of text: String) -> String? {
    guard let end = text.firstIndex(of: ":"), text.index(after: end) < text.endIndex,
      text[text.index(after: end)] == " "
    else { return nil }
    let name = text[..<end]
    guard !name.isEmpty, name.count <= 24, name.allSatisfy({ $0.isLetter || $0 == " " || $0 == "#" }) else {
      return nil
    }
    return String(text[...text.index(after: end)])
  }

  private static func isUser(_ label: String?) -> Bool {
    let label = (label ?? "").lowercased()
    return ["user", "human", "instruction"].contains { label.contains($0) }
  }

  /// Whether a text can stand before a turn: it has a word with a colon or a mark, and is short.
  private static func isHead(_ text: String) -> Bool {
    text.count <= 200 && text.contains { $0.isLetter } && text.contains { ":#<[|]>".contains($0) }
  }

  /// The text around its only placeholder `{...}`.
  private static func pieces(_ text: String) -> [String]? {
    guard let open = text.firstIndex(of: "{"), let close = text[open...].firstIndex(of: "}") else {
      return nil
    }
    let rest = text[text.index(after: close)...]
    guard !rest.contains("{") else { return nil }
    return [String(text[..<open]), String(rest)]
  }

  /// A Jinja template that writes it; white space at the ends of an answer is dropped, as when it is stripped.
  var jinja: String {
    let system = Self.quoted(systemHead)
    return """
      {%- set has_system = messages and messages[0].role == 'system' %}
      {%- if has_system %}{{- \(system) + messages[0].content }}{% endif %}
      {%- for message in (messages[1:] if has_system else messages) %}
          {%- if message.role == 'user' %}
              {{- \(Self.quoted(userHead)) + message.content }}
          {%- elif message.role == 'assistant' %}
              {{- \(Self.quoted(assistantHead)) + message.content | trim }}
          {%- else %}
              {{- raise_exception("this template knows the roles system (first), user and assistant, not '" + message.role + "'") }}
          {%- endif %}
      {%- endfor %}
      {%- if add_generation_prompt %}{{- \(Self.quoted(assistantHead)) }}{% endif %}
      """
  }

  /// A string literal of Jinja.
  private static func quoted(_ text: String) -> String {
    var result = "'"
    for character in text.unicodeScalars {
      switch character {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\\": result += "\\\\"
      case "'": result += "\\'"
      default: result.unicodeScalars.append(character)
      }
    }
    return result + "'"
  }
}

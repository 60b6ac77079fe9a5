import JSON

/// Variables of a template by name, each as JSON that is spelled as the user did, in the order in which they came.
struct TemplateVariables: Equatable, Sendable {
  private var entries: [(name: String, json: String)] = []

  /// Gives a variable a value, instead of the one that it has.
  mutating func set(_ name: String, _ json: String) {
    entries.removeAll { $0.name == name }
    entries.append((name, json))
  }

  /// The JSON object of all variables; nil if there are none.
  var json: String? {
    guard !entries.isEmpty else { return nil }
    return "{"
      + entries.map { entry in
        var name = JSONWriter()
        name.string(entry.name)
        return name.text + ":" + entry.json
      }.joined(separator: ",") + "}"
  }

  static func == (left: TemplateVariables, right: TemplateVariables) -> Bool { left.json == right.json }
}

/// A variable on the command line: `NAME=JSON`.
struct VariableArgument: Sendable {
  /// The name of the variable.
  var name: String
  /// The value, as it was typed.
  var json: String

  /// Reads `NAME=JSON`.
  static func parse(_ text: String) throws -> VariableArgument {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
      throw ClientError(.usage, "'\(text)' is not NAME=JSON, such as enable_thinking=false")
    }
    let name = String(text[..<equals])
    let value = String(text[text.index(after: equals)...])
    do throws(ClientError) {
      return VariableArgument(name: name, json: try JSONValue.parse(value).sourceText)
    } catch {
      throw ClientError(
        .usage,
        "the value of '\(name)' is not JSON: \(error.message); a text needs quotes, as in \(name)='\"text\"'")
    }
  }
}

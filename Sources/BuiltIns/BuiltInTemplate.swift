/// A prompt template that ships with Workbench, as text that the host hands to a worker to compile.
public struct BuiltInTemplate: Sendable {
  /// The name that a request uses, such as `llama-3`.
  public let name: String
  /// One line that says which models it is for.
  public let summary: String
  /// Texts that end the model's turn; free of quotation marks, backslashes and line breaks.
  public let stopStrings: [String]
  /// The Jinja source without front matter.
  let body: String

  /// The template file: front matter that repeats `summary` and `stopStrings`, then the Jinja source.
  public var source: String {
    var lines = ["---", "description: \"\(summary)\""]
    if !stopStrings.isEmpty {
      lines.append("stop: [" + stopStrings.map { "\"\($0)\"" }.joined(separator: ", ") + "]")
    }
    lines += ["content: text", "---", body]
    return lines.joined(separator: "\n")
  }
}

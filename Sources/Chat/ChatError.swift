public import Jinja

/// Why messages could not be turned into a prompt.
public enum ChatError: Error, Sendable, Equatable {
  /// The template does not compile or does not accept the conversation.
  case template(name: String, JinjaError)
  /// The head of a template file is wrong.
  case frontMatter(name: String, line: Int, problem: String)
  /// A variable of the caller has a name that the engine sets itself.
  case reservedVariable(String)
  /// A stop string is empty or too long, or there are too many.
  case stopStrings(String)
  /// The name of a template is empty, too long, or holds characters other than letters, digits, `-`, `_`, `.`.
  case invalidName(String)
}

extension ChatError: CustomStringConvertible {
  /// One line: what is wrong and what would be right.
  public var description: String {
    switch self {
    case .template(let name, let error): return "template '\(name)': \(error)"
    case .frontMatter(let name, let line, let problem): return "template '\(name)', line \(line): \(problem)"
    case .reservedVariable(let name): return "the template variable '\(name)' is set by the engine"
    case .stopStrings(let problem): return "stop strings: \(problem)"
    case .invalidName(let name):
      return
        "'\(name)' is not a valid template name: use letters, digits, '-', '_' and '.', at most \(Limits.nameBytes) bytes"
    }
  }
}

import Yams

/// Why a text is not YAML, in one line for an error message.
enum YAMLProblem {
  /// The parser's problem with its place, without the excerpt that Yams adds on further lines.
  static func text(_ error: any Error) -> String {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "not YAML: \(problem) (line \(mark.line), column \(mark.column))"
    case .duplicatedKeysInMapping(let keys, let context):
      "not YAML: '\(keys.joined(separator: "', '"))' is given more than once in the mapping at line "
        + "\(context.mark.line), column \(context.mark.column)"
    default: "not YAML: " + ("\(error)".split(separator: "\n").first.map(String.init) ?? "")
    }
  }
}

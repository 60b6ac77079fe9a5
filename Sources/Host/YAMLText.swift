import Runtime
import Yams

/// YAML that people write: configuration, preset and profile files.
enum YAMLText {
  /// The root of a text, which may begin with a byte-order mark; nil if there is nothing in it.
  ///
  /// - Parameter file: The file's name for the error, which is `.invalidArgument` with the place.
  static func root(_ yaml: String, file: String? = nil) throws -> Node? {
    let hasMark = yaml.unicodeScalars.first == "\u{FEFF}"
    do {
      return try Yams.compose(yaml: hasMark ? String(yaml.unicodeScalars.dropFirst()) : yaml)
    } catch {
      throw WorkbenchError(.invalidArgument, (file.map { "\($0): " } ?? "") + problem(error))
    }
  }

  /// The parser's problem with its place, without the excerpt that Yams adds on further lines.
  private static func problem(_ error: any Error) -> String {
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

import Runtime
import Yams

/// The keys and values of a small YAML file of a plugin folder.
enum YAMLMapping {
  /// The entries of a text, in order.
  ///
  /// - Parameter expected: What the text should be, for the error when it is none.
  /// - Throws: `WorkbenchError` with the place when it is not a mapping.
  static func entries(_ yaml: String, expected: String) throws -> [(key: String, value: Node)] {
    // Aliases of aliases could make a few lines grow without end; this few cannot, and without an anchor there are none.
    let aliases = yaml.utf8.count { $0 == UInt8(ascii: "*") }
    guard aliases <= HostLimits.yamlAliases || !yaml.utf8.contains(UInt8(ascii: "&")) else {
      throw WorkbenchError(
        .outOfRange,
        "it has an '&' and \(aliases) asterisks; with an '&' the limit is \(HostLimits.yamlAliases)")
    }
    guard let node = try YAMLText.root(yaml) else {
      throw WorkbenchError(.invalidArgument, "expected \(expected)")
    }
    return try entries(node, expected: expected)
  }

  /// The entries of a node.
  static func entries(_ node: Node, expected: String) throws -> [(key: String, value: Node)] {
    guard let mapping = node.mapping else {
      throw WorkbenchError(.invalidArgument, "expected \(expected)")
    }
    return try mapping.map { key, value in
      guard let name = key.scalar?.string else {
        throw WorkbenchError(.invalidArgument, "a key is not a string")
      }
      return (name, value)
    }
  }
}

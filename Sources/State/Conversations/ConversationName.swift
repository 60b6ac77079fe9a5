import Runtime

/// The names of conversations.
enum ConversationName {
  /// - Throws: `WorkbenchError` for a name that could be taken for a number, or that a terminal cannot show.
  static func check(_ name: String) throws {
    let isPlain = name.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
      default: true
      }
    }
    guard !name.isEmpty, name.utf8.count <= StateLimits.nameBytes, isPlain, Int64(name) == nil,
      name.first != " ", name.last != " "
    else {
      throw WorkbenchError(
        .invalidArgument,
        "a conversation's name must be 1 to \(StateLimits.nameBytes) bytes of printable text that does not begin or "
          + "end with a space, and not a number",
        field: "name")
    }
  }
}

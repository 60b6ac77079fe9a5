import ArgumentParser

/// Token ids as people write them: separated by commas or spaces, with or without brackets.
enum TokenIDList {
  /// The ids in a text; an empty text has none.
  static func parse(_ text: String) throws(ClientError) -> [UInt32] {
    var ids: [UInt32] = []
    for part in text.split(whereSeparator: { $0.isWhitespace || ",[]".contains($0) }) {
      guard let id = UInt32(part) else { throw ClientError(.usage, "'\(part)' is not a token id") }
      ids.append(id)
    }
    return ids
  }
}

import ArgumentParser

/// Token ids as people write them: separated by commas or blanks, in brackets or not.
enum TokenIDList {
  /// The ids of a text.
  static func parse(_ text: String) throws(ClientError) -> [UInt32] {
    var ids: [UInt32] = []
    for part in text.split(whereSeparator: { $0.isWhitespace || ",[]".contains($0) }) {
      guard let id = UInt32(part) else { throw ClientError(.usage, "'\(part)' is no token id") }
      ids.append(id)
    }
    return ids
  }
}

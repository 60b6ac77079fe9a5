import ModelFormats

/// A model's metadata as text, for people.
enum MetadataText {
  /// How much of a long string or array is shown.
  private static let shown = (characters: 2000, elements: 8)

  /// The keys and values in the order of the file, as many as `PipelineLimits.metadataBytes` hold; if there are more, the
  /// key "…" tells how many.
  static func table(_ metadata: Metadata) -> [String: String] {
    var table: [String: String] = [:]
    var bytes = 0
    for (index, key) in metadata.keys.enumerated() {
      guard let value = metadata[key] else { continue }
      let text = text(value)
      bytes += key.utf8.count + text.utf8.count
      guard bytes <= PipelineLimits.metadataBytes else {
        table["…"] =
          "\(metadata.keys.count - index) more keys; \(PipelineLimits.metadataBytes >> 20) MiB are shown"
        break
      }
      table[key] = text
    }
    return table
  }

  /// A text with at most the first `characters`.
  static func short(_ text: String, characters: Int = 256) -> String {
    text.count > characters ? text.prefix(characters) + "…" : text
  }

  /// A value as a message names it: texts in quotes, and cut to a few words.
  static func quoted(_ value: MetadataValue) -> String {
    let text = text(value)
    let cut = text.count > 64 ? text.prefix(64) + "…" : text[...]
    if case .string = value { return "'\(cut)'" }
    return String(cut)
  }

  private static func text(_ value: MetadataValue) -> String {
    switch value {
    case .int(let value): "\(value)"
    case .uint(let value): "\(value)"
    case .float(let value): "\(Float(value))"
    case .bool(let value): "\(value)"
    case .string(let bytes): cut(String(decoding: bytes, as: UTF8.self))
    case .ints(let values): list(values.count, values.prefix(shown.elements).map { "\($0)" })
    case .floats(let values): list(values.count, values.prefix(shown.elements).map { "\($0)" })
    case .bools(let values): list(values.count, values.prefix(shown.elements).map { "\($0)" })
    case .strings(let values):
      list(
        values.count,
        values.prefix(shown.elements).map { "\"\(cut(String(decoding: $0.prefix(64), as: UTF8.self)))\"" })
    case .arrays(let values): list(values.count, values.prefix(shown.elements).map { text($0) })
    }
  }

  private static func cut(_ text: String) -> String {
    guard text.count > shown.characters else { return text }
    return text.prefix(shown.characters) + "… (\(text.count) characters)"
  }

  private static func list(_ count: Int, _ first: [String]) -> String {
    let more = count > first.count ? ", … (\(count) elements)" : ""
    return "[" + first.joined(separator: ", ") + more + "]"
  }
}

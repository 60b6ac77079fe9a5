/// A place in a template's source, as errors show it.
public struct SourcePlace: Sendable, Equatable {
  /// Line, counted from 1.
  public let line: Int
  /// Column in code points, counted from 1.
  public let column: Int
  /// What is around it on its line, and a caret under it.
  public let excerpt: String

  /// The longest piece of a line that an excerpt shows, in code points.
  static let excerptWidth = 100

  /// The place of the byte at `offset`, or of the nearest one that there is.
  public init(of offset: Int, in source: [UInt8]) {
    let offset = min(max(offset, 0), source.count)
    let newline = UInt8(ascii: "\n")
    let start = (source[..<offset].lastIndex(of: newline) ?? -1) + 1
    let end = source[offset...].firstIndex(of: newline) ?? source.count
    line = source[..<offset].reduce(1) { $0 + ($1 == newline ? 1 : 0) }
    let before = Array(String(decoding: source[start..<offset], as: UTF8.self).unicodeScalars)
    let after = Array(String(decoding: source[offset..<end], as: UTF8.self).unicodeScalars)
    column = before.count + 1
    let shown = before.suffix(Self.excerptWidth / 2)
    var text = String.UnicodeScalarView()
    text.append(contentsOf: shown)
    text.append(contentsOf: after.prefix(Self.excerptWidth - shown.count))
    let indent = shown.map { $0 == "\t" ? "\t" : " " }.joined()
    excerpt = String(text) + "\n" + indent + "^"
  }
}

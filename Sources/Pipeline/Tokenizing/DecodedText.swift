/// What token ids decode to.
public struct DecodedText: Sendable, Equatable {
  /// All bytes; not always UTF-8.
  public var bytes: [UInt8]
  /// The bytes as text: without a character that the last token cuts, and with U+FFFD for what cannot become one.
  public var text: String

  /// Bytes and their text.
  public init(bytes: [UInt8], text: String) {
    self.bytes = bytes
    self.text = text
  }
}

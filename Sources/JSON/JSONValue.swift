/// One value of a JSON text; reading it as something that it is not gives nil.
public struct JSONValue: Sendable {
  /// The text that it is part of.
  public let document: JSONDocument
  @usableFromInline let index: Int

  @usableFromInline
  init(document: JSONDocument, index: Int) {
    self.document = document
    self.index = index
  }

  @usableFromInline var node: JSONDocument.Node {
    @inline(__always) @inlinable get { document.nodes[index] }
  }

  /// What it is.
  @inlinable public var kind: JSONDocument.Kind { node.kind }
  /// Whether it is null.
  @inlinable public var isNull: Bool { kind == .null }

  /// Its first byte in the text; of a string, the one after its quotation mark.
  @inlinable public var offset: Int { Int(node.start) }

  /// The number of values in it at every depth, keys included.
  @inlinable public var valueCount: Int { Int(node.next) - index - 1 }

  /// How it is written, byte for byte.
  public var source: ArraySlice<UInt8> {
    let quote = kind == .string ? 1 : 0
    return document.bytes[(Int(node.start) - quote)..<(Int(node.end) + quote)]
  }

  /// How it is written.
  public var sourceText: String { String(decoding: source, as: UTF8.self) }

  /// The truth of a boolean.
  public var bool: Bool? {
    kind == .boolean ? document.bytes[Int(node.start)] == UInt8(ascii: "t") : nil
  }

  // MARK: Strings

  /// The text of a string.
  public var string: String? {
    guard kind == .string else { return nil }
    if node.isEscaped { return String(decoding: decoded, as: UTF8.self) }
    return String(decoding: document.bytes[Int(node.start)..<Int(node.end)], as: UTF8.self)
  }

  /// The text of a string in UTF-8.
  @inlinable public var utf8: [UInt8]? {
    let node = node
    guard node.kind == .string else { return nil }
    return node.isEscaped ? decoded : Array(document.bytes[Int(node.start)..<Int(node.end)])
  }

  /// The text of a string with escapes.
  @usableFromInline var decoded: [UInt8] {
    document.bytes.withUnsafeBufferPointer {
      JSONEscape.decoded(UnsafeBufferPointer(rebasing: $0[Int(node.start)..<Int(node.end)]))
    }
  }

  /// Calls `body` with the text of a string in UTF-8, without a copy where it has no escapes; nil for other values.
  @inline(__always) @inlinable
  public func withUTF8<Failure: Error, Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    let node = node
    guard node.kind == .string else { return nil }
    if !node.isEscaped {
      return try document.bytes.withUnsafeBufferPointer { (all) throws(Failure) in
        try body(UnsafeBufferPointer(rebasing: all[Int(node.start)..<Int(node.end)]))
      }
    }
    return try decoded.withUnsafeBufferPointer { (all) throws(Failure) in try body(all) }
  }

  /// Whether it is a string that is spelled `text`, without escapes.
  @inlinable
  public func isSpelled(_ text: StaticString) -> Bool {
    let node = node
    let count = text.utf8CodeUnitCount
    guard node.kind == .string, !node.isEscaped, Int(node.end) - Int(node.start) == count else {
      return false
    }
    for place in 0..<count where document.bytes[Int(node.start) + place] != text.utf8Start[place] {
      return false
    }
    return true
  }
}

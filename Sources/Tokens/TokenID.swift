/// The position of a piece in a model's vocabulary: the one value that text and network share.
public struct TokenID: RawRepresentable, Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral {
  /// The index, from 0; never negative in a value that a tokenizer or an engine hands out.
  public let rawValue: Int32

  /// Wraps an index without checking it against any vocabulary.
  @inlinable
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Wraps an index that is known to fit, such as an array position inside a vocabulary.
  @inlinable
  public init(_ index: Int) {
    self.rawValue = Int32(index)
  }

  /// Wraps a literal, for tests and tables.
  @inlinable
  public init(integerLiteral value: Int32) {
    self.rawValue = value
  }

  /// The same value, for subscripting arrays.
  @inlinable
  public var index: Int { Int(rawValue) }

  /// Orders by position in the vocabulary.
  @inlinable
  public static func < (left: TokenID, right: TokenID) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension TokenID: CustomStringConvertible {
  /// The bare number, as every tool of the field prints it.
  public var description: String { String(rawValue) }
}

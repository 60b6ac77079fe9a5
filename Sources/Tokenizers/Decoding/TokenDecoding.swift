public import Tokens

/// Turns the tokens of one text into its bytes, token by token; it may hold bytes back until `finish`.
public protocol TokenDecoding: Sendable {
  /// The bytes that are certain after `token`.
  mutating func push(_ token: TokenID) -> [UInt8]
  /// The bytes that were held back.
  mutating func finish() -> [UInt8]
}

/// Gives the bytes of each token without the space that encoding added in front of the text.
struct LeadingSpaceDecoding: TokenDecoding {
  /// Which spaces at the beginning of a decoded text are dropped.
  enum Dropped: Sendable {
    case none
    case one
    case all
  }

  private let tokenizer: any Tokenizer
  private let skipSpecial: Bool
  private var dropped: Dropped
  private let fromUserDefined: Bool

  /// A decoding at the beginning of a text of `tokenizer`; spaces of user-defined pieces stay unless `fromUserDefined`.
  init(
    _ tokenizer: any Tokenizer, skipSpecial: Bool, dropping dropped: Dropped, fromUserDefined: Bool = false
  ) {
    self.fromUserDefined = fromUserDefined
    self.tokenizer = tokenizer
    self.skipSpecial = skipSpecial
    self.dropped = dropped
  }

  mutating func push(_ token: TokenID) -> [UInt8] {
    let kind = tokenizer.kind(of: token)
    if kind == .control || kind == .unknown {
      return skipSpecial ? [] : tokenizer.bytes(of: token)
    }
    var bytes = tokenizer.bytes(of: token)
    guard dropped != .none, !bytes.isEmpty else { return bytes }
    let mayDrop = kind == .normal || fromUserDefined && kind == .userDefined
    let spaces = mayDrop ? bytes.prefix { $0 == UInt8(ascii: " ") }.count : 0
    bytes.removeFirst(dropped == .all ? spaces : min(1, spaces))
    if dropped == .one || !bytes.isEmpty { dropped = .none }
    return bytes
  }

  func finish() -> [UInt8] { [] }
}

extension Tokenizer {
  /// The decoding for families whose tokens stand for the same bytes in every place.
  public func makeDecoding(skipSpecial: Bool, continuesText: Bool) -> any TokenDecoding {
    LeadingSpaceDecoding(
      self, skipSpecial: skipSpecial, dropping: dropsLeadingSpace && !continuesText ? .one : .none)
  }

  /// The beginning of sequence, if the model expects one.
  public var prefix: [TokenID] {
    addsBeginningOfSequence ? beginningOfSequence.map { [$0] } ?? [] : []
  }

  /// The end of sequence, if the model expects one.
  public var suffix: [TokenID] {
    addsEndOfSequence ? endOfSequence.map { [$0] } ?? [] : []
  }
}

/// What keeps the bytes of an encoded message: an array, or the transport's own memory.
public protocol MessageCarrier: Sendable {
  /// The message as it goes over the wire.
  var bytes: [UInt8] { get }
}

extension [UInt8]: MessageCarrier {
  /// The array itself.
  public var bytes: [UInt8] { self }
}

/// A message of the API in its encoded form, which the daemon passes on unread.
public struct EncodedMessage: Sendable {
  /// Where the bytes are; a transport that finds its own memory here does not copy them.
  public let carrier: any MessageCarrier

  /// A message by its bytes.
  public init(_ carrier: any MessageCarrier) {
    self.carrier = carrier
  }

  /// The message as it goes over the wire.
  public var bytes: [UInt8] { carrier.bytes }
}

extension EncodedMessage: Equatable {
  /// Whether the bytes are the same.
  public static func == (left: EncodedMessage, right: EncodedMessage) -> Bool { left.bytes == right.bytes }
}

/// The encoded messages of an answer, pulled: a consumer that does not read pauses its own sequence only.
public typealias EncodedStream = any AsyncSequence<EncodedMessage, any Error> & Sendable

/// The owner of an encoded message's bytes: an array, or the transport's own memory.
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
  /// The owner of the bytes; a transport that finds its own memory here does not copy it.
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

/// The encoded messages of an answer; a consumer that does not read pauses only its own sequence.
public typealias EncodedStream = any AsyncSequence<EncodedMessage, any Error> & Sendable

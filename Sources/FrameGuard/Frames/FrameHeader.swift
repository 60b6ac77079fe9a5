/// The nine bytes before each HTTP/2 frame (RFC 9113, section 4.1).
struct FrameHeader: Equatable {
  /// The kinds of frame that HTTP/2 defines.
  enum Kind: UInt8 {
    case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate, continuation
  }

  static let size = 9

  /// Bytes of the payload.
  let length: Int
  /// Nil: an extension, which a receiver ignores.
  let kind: Kind?
  let flags: UInt8
  /// 0: the connection.
  let stream: UInt32

  /// Reads exactly `size` bytes.
  init(_ bytes: [UInt8]) {
    length = bytes[..<3].reduce(0) { $0 << 8 | Int($1) }
    kind = Kind(rawValue: bytes[3])
    flags = bytes[4]
    // The highest bit is reserved.
    stream = bytes[5..<Self.size].reduce(0) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
  }

  /// Of SETTINGS and PING.
  var isAcknowledgement: Bool { flags & 0x1 != 0 }
  /// Of DATA and HEADERS.
  var endsStream: Bool { flags & 0x1 != 0 }
  /// Of HEADERS and CONTINUATION.
  var endsHeaders: Bool { flags & 0x4 != 0 }

  /// Bytes of each value that the payload consists of; 0: the payload is not looked at.
  var valueSize: Int {
    switch kind {
    case .settings: 6
    case .windowUpdate, .reset: 4
    default: 0
    }
  }
}

@testable import FrameGuard

/// Frames as they go over the wire.
enum Frame {
  static let preface = ConnectionGuard.preface
  /// A client's first bytes.
  static let hello = preface + settings()
  static let settingsAcknowledgement = make(.settings, flags: 1)

  static func make(
    _ kind: FrameHeader.Kind, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []
  ) -> [UInt8] {
    raw(kind.rawValue, flags: flags, stream: stream, length: payload.count) + payload
  }

  /// The header alone, with any kind and length.
  static func raw(_ kind: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, length: Int) -> [UInt8] {
    [UInt8(length >> 16 & 0xff), UInt8(length >> 8 & 0xff), UInt8(length & 0xff), kind, flags] + big(stream)
  }

  static func settings(_ values: [(UInt16, UInt32)] = []) -> [UInt8] {
    make(.settings, values.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 0xff)] + big($0.1) })
  }

  /// Begins a call; `end` for one without a request.
  static func headers(_ stream: UInt32, flags: UInt8 = 0x4, _ block: [UInt8] = call) -> [UInt8] {
    make(.headers, flags: flags, stream: stream, block)
  }

  static func data(_ stream: UInt32, flags: UInt8 = 0, _ bytes: Int = 0) -> [UInt8] {
    make(.data, flags: flags, stream: stream, [UInt8](repeating: 0, count: bytes))
  }

  static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> [UInt8] {
    make(.reset, stream: stream, big(code))
  }

  static func windowUpdate(_ stream: UInt32, _ size: UInt32) -> [UInt8] {
    make(.windowUpdate, stream: stream, big(size))
  }

  static func ping() -> [UInt8] { make(.ping, [UInt8](repeating: 1, count: 8)) }

  /// The header block of a call to `/test.Echo/Say`, without compression of names that are not in HPACK's table.
  static let call = call(to: "/test.Echo/Say")

  static func call(to path: String) -> [UInt8] {
    // :method POST, :scheme http
    [0x83, 0x86] + literal(index: 4, path) + literal(index: 1, "localhost")
      + named("content-type", "application/grpc") + named("te", "trailers")
  }

  static func named(_ name: String, _ value: String) -> [UInt8] { [0] + text(name) + text(value) }

  private static func literal(index: UInt8, _ value: String) -> [UInt8] { [index] + text(value) }

  private static func text(_ text: String) -> [UInt8] {
    precondition(text.utf8.count < 127)
    return [UInt8(text.utf8.count)] + Array(text.utf8)
  }

  static func big(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
}

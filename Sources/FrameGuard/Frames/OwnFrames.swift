/// The frames that the guard writes itself.
enum OwnFrames {
  /// Acknowledges SETTINGS in the client's place.
  static let settingsAcknowledgement: [UInt8] = [0, 0, 0, 4, 1, 0, 0, 0, 0]

  /// Ends a connection, and says why.
  static func goAway(after stream: UInt32, _ limit: GuardLimit) -> [UInt8] {
    let text = Array(limit.explanation.utf8)
    let length = UInt32(8 + text.count)
    let head: [UInt8] = [UInt8(length >> 16 & 0xff), UInt8(length >> 8 & 0xff), UInt8(length & 0xff), 7, 0]
    return head + bigEndian(0) + bigEndian(stream) + bigEndian(limit.errorCode) + text
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }
}

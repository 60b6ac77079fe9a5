/// Turns a stream of bytes into texts of whole characters.
///
/// The texts of all `push` calls and of `finish` together equal `String(decoding:as:)` of all bytes: a character that is
/// split between pushes waits for its last byte, and bytes that cannot become a character are U+FFFD.
struct UTF8Assembler: Sendable {
  /// At most three bytes that later ones may complete to a character.
  private var pending: [UInt8] = []

  /// The text that is certain after `bytes`.
  mutating func push(_ bytes: [UInt8]) -> String {
    let all = pending.isEmpty ? bytes : pending + bytes
    let cut = all.count - Self.unfinishedCount(all)
    pending = Array(all[cut...])
    return String(decoding: all[..<cut], as: UTF8.self)
  }

  /// The text of the bytes that still wait; the assembler is empty afterwards.
  mutating func finish() -> String {
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  /// The number of bytes at the end that begin a well-formed character without completing it (Unicode, table 3-7).
  static func unfinishedCount(_ bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
      let lead = bytes[bytes.count - count]
      if lead & 0xC0 == 0x80 { continue }
      let length = lead < 0xC2 || lead > 0xF4 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
      guard length > count else { return 0 }
      if count == 1 { return 1 }
      return isSecond(bytes[bytes.count - count + 1], after: lead) ? count : 0
    }
    return 0
  }

  /// Whether `byte` may follow the lead byte of a character of three or four bytes.
  private static func isSecond(_ byte: UInt8, after lead: UInt8) -> Bool {
    switch lead {
    case 0xE0: byte >= 0xA0
    case 0xED: byte < 0xA0
    case 0xF0: byte >= 0x90
    case 0xF4: byte < 0x90
    default: true
    }
  }
}

/// Turns the bytes of a terminal in raw mode into keys, and keeps incomplete sequences for the next call.
///
/// Sequences: ECMA-48 control sequences as xterm, rxvt and the Linux console send them, and bracketed paste
/// (mode 2004).
public struct KeyParser: Sendable {
  private enum State: Equatable {
    case ground
    case escape
    /// After `ESC [` or `ESC O`, with what followed.
    case sequence([UInt8])
    /// A UTF-8 sequence that lacks this many bytes.
    case utf8([UInt8], missing: Int)
    case paste
  }

  private static let pasteEnd = Array("\u{1B}[201~".utf8)
  private var state = State.ground
  private var pasted: [UInt8] = []

  /// A parser with nothing pending.
  public init() {}

  /// Returns the keys that these bytes complete.
  public mutating func parse(_ bytes: some Sequence<UInt8>) -> [Key] {
    var keys: [Key] = []
    for byte in bytes { feed(byte, &keys) }
    return keys
  }

  private mutating func feed(_ byte: UInt8, _ keys: inout [Key]) {
    switch state {
    case .ground: ground(byte, &keys)
    case .escape: escape(byte, &keys)
    case .sequence(var bytes):
      bytes.append(byte)
      // A final byte is 0x40 to 0x7E; the Linux console's function keys ("[[A") have a second bracket before
      // it.
      let isFinal = (0x40...0x7E).contains(byte) && !(bytes.count == 1 && byte == UInt8(ascii: "["))
      if isFinal {
        state = .ground
        finish(bytes, &keys)
      } else {
        state = byte < 0x20 || bytes.count > Limits.escapeBytes ? .ground : .sequence(bytes)
      }
    case .utf8(var bytes, let missing):
      guard byte & 0xC0 == 0x80 else {
        keys.append(.scalar("\u{FFFD}"))
        state = .ground
        return ground(byte, &keys)
      }
      bytes.append(byte)
      state = .utf8(bytes, missing: missing - 1)
      if missing == 1 {
        state = .ground
        keys += String(decoding: bytes, as: UTF8.self).unicodeScalars.map { .scalar($0) }
      }
    case .paste:
      paste(byte, &keys)
    }
  }

  private mutating func ground(_ byte: UInt8, _ keys: inout [Key]) {
    switch byte {
    case 0x1B: state = .escape
    case 0x20..<0x7F: keys.append(.scalar(Unicode.Scalar(byte)))
    case 0xC2..<0xE0: state = .utf8([byte], missing: 1)
    case 0xE0..<0xF0: state = .utf8([byte], missing: 2)
    case 0xF0..<0xF5: state = .utf8([byte], missing: 3)
    case 0x80...: keys.append(.scalar("\u{FFFD}"))
    default: if let key = Self.controls[byte] { keys.append(key) }
    }
  }

  private mutating func escape(_ byte: UInt8, _ keys: inout [Key]) {
    state = .ground
    switch byte {
    case UInt8(ascii: "["), UInt8(ascii: "O"): state = .sequence([])
    case 0x1B: state = .escape
    case 0x0D, 0x0A: keys.append(.newline)
    case UInt8(ascii: "b"): keys.append(.wordLeft)
    case UInt8(ascii: "f"): keys.append(.wordRight)
    case UInt8(ascii: "d"): keys.append(.killWordRight)
    case 0x7F, 0x08: keys.append(.killWordLeft)
    default: ground(byte, &keys)
    }
  }

  private mutating func finish(_ bytes: [UInt8], _ keys: inout [Key]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if text == "200~" {
      state = .paste
    } else if let key = Self.sequences[text] {
      keys.append(key)
    }
  }

  private mutating func paste(_ byte: UInt8, _ keys: inout [Key]) {
    pasted.append(byte)
    guard byte == UInt8(ascii: "~"), pasted.suffix(Self.pasteEnd.count).elementsEqual(Self.pasteEnd) else {
      // A paste that is too long is cut, but its end mark is still searched for.
      if pasted.count > 2 * Limits.lineBytes {
        pasted.removeSubrange(Limits.lineBytes..<(2 * Limits.lineBytes - 16))
      }
      return
    }
    state = .ground
    let bytes = pasted
    pasted = []
    let text = String(decoding: bytes.dropLast(Self.pasteEnd.count), as: UTF8.self)
    keys.append(.paste(Self.withPlainNewlines(text)))
  }

  private static func withPlainNewlines(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var afterReturn = false
    for scalar in text.unicodeScalars {
      if !(scalar == "\n" && afterReturn) { result.append(scalar == "\r" ? "\n" : scalar) }
      afterReturn = scalar == "\r"
    }
    return String(result)
  }

  private static let controls: [UInt8: Key] = [
    0x01: .home, 0x02: .left, 0x03: .interrupt, 0x04: .endOfFile, 0x05: .end, 0x06: .right, 0x08: .backspace,
    0x09: .tab, 0x0A: .enter, 0x0B: .killToEnd, 0x0C: .clearScreen, 0x0D: .enter, 0x0E: .down, 0x10: .up,
    0x14: .transpose, 0x15: .killToStart, 0x17: .killWordLeft, 0x19: .yank, 0x1A: .suspend, 0x7F: .backspace,
  ]

  private static let sequences: [String: Key] = [
    "A": .up, "B": .down, "C": .right, "D": .left, "H": .home, "F": .end,
    "1~": .home, "7~": .home, "4~": .end, "8~": .end, "3~": .delete,
    "1;5C": .wordRight, "1;5D": .wordLeft, "1;3C": .wordRight, "1;3D": .wordLeft, "c": .wordRight,
    "d": .wordLeft,
    "3;5~": .killWordRight, "13;2u": .newline, "13;3u": .newline, "27;2;13~": .newline,
  ]
}

/// Spellings that look like the marker of a turn: `<|im_start|>`, `<start_of_turn>`, `</s>`.
public enum TurnMarkers {
  /// The longest marker that is recognized, in bytes.
  private static let mostBytes = 48

  /// The markers in the UTF-8 of a text, in order.
  public static func all(in text: ArraySlice<UInt8>) -> [String] {
    var found: [String] = []
    var index = text.startIndex
    while index < text.endIndex {
      guard text[index] == UInt8(ascii: "<"),
        let end = text[index...].prefix(mostBytes).firstIndex(of: UInt8(ascii: ">")),
        isMarker(text[text.index(after: index)..<end])
      else {
        index += 1
        continue
      }
      found.append(String(decoding: text[index...end], as: UTF8.self))
      index = end + 1
    }
    return found
  }

  /// Whether `inner`, the text between angle brackets, makes a marker: enclosed in bars, or a word with underscores.
  private static func isMarker(_ inner: ArraySlice<UInt8>) -> Bool {
    let bar = UInt8(ascii: "|")
    if inner.count > 2, inner.first == bar, inner.last == bar {
      return !inner.dropFirst().dropLast().contains { $0 == bar || isSpace($0) }
    }
    let word = inner.first == UInt8(ascii: "/") ? inner.dropFirst() : inner
    return word.elementsEqual("s".utf8)
      || word.contains(UInt8(ascii: "_")) && word.allSatisfy { $0 == UInt8(ascii: "_") || isLetter($0) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

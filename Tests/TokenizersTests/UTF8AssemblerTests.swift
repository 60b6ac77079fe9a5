import Testing

@testable import Tokenizers

/// Bytes that arrive in pieces against the decoder of Swift's standard library.
struct UTF8AssemblerTests {
  /// The texts that `pieces` give one by one, and the rest.
  static func assembled(_ pieces: [[UInt8]]) -> [String] {
    var assembler = UTF8Assembler()
    return pieces.map { assembler.push($0) } + [assembler.finish()]
  }

  @Test(
    "a character comes out whole with its last byte, wherever it is cut",
    arguments: [
      "a", "é", "ß", "가", "\u{FFFD}", "日", "😀", "\u{10FFFF}", "\u{800}", "\u{7FF}", "\u{D7FF}", "\u{E000}",
    ])
  func everyCut(character: String) {
    let bytes = Array(character.utf8)
    for cuts in 0..<(1 << (bytes.count - 1)) {
      var pieces: [[UInt8]] = [[]]
      for (index, byte) in bytes.enumerated() {
        pieces[pieces.count - 1].append(byte)
        if index + 1 < bytes.count, cuts >> index & 1 == 1 { pieces.append([]) }
      }
      let texts = Self.assembled(pieces)
      #expect(
        texts.dropLast(2).allSatisfy(\.isEmpty) && texts[pieces.count - 1] == character && texts.last == "")
    }
  }

  @Test("two characters may meet anywhere in a piece")
  func neighbours() {
    let bytes = Array("é😀日a".utf8)
    for first in 0...bytes.count {
      for second in first...bytes.count {
        let texts = Self.assembled([
          Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...]),
        ])
        #expect(texts.joined() == "é😀日a" && !texts.joined().contains("\u{FFFD}"))
      }
    }
  }

  @Test(
    "what can never become a character is U+FFFD at once",
    arguments: [
      [0x80], [0xBF, 0x80], [0xC0], [0xC1, 0xBF], [0xF5], [0xFF], [0xE0, 0x80], [0xE0, 0x9F], [0xED, 0xA0],
      [0xF0, 0x8F], [0xF4, 0x90], [0xC3, 0x28], [0xE2, 0x28], [0xE2, 0x96, 0x28], [0xF0, 0x9F, 0x98, 0x28],
    ] as [[UInt8]])
  func illFormed(bytes: [UInt8]) {
    var assembler = UTF8Assembler()
    let text = bytes.map { assembler.push([$0]) }.joined()
    #expect(text.utf8.elementsEqual(String(decoding: bytes, as: UTF8.self).utf8))
    #expect(assembler.finish() == "" && text.contains("\u{FFFD}"))
  }

  @Test(
    "a character that never becomes whole is held until the end",
    arguments: [
      [0xC3], [0xE2], [0xE2, 0x96], [0xF0], [0xF0, 0x9F], [0xF0, 0x9F, 0x98], [0xED, 0x9F], [0xF4, 0x8F],
    ]
      as [[UInt8]])
  func unfinished(bytes: [UInt8]) {
    var assembler = UTF8Assembler()
    #expect(assembler.push(Array("a".utf8) + bytes) == "a")
    #expect(UTF8Assembler.unfinishedCount(bytes) == bytes.count)
    #expect(assembler.finish() == "\u{FFFD}")
    #expect(assembler.finish() == "" && assembler.push(Array("b".utf8)) == "b")
  }

  @Test("every sequence of up to three interesting bytes assembles to what decoding it at once gives")
  func exhaustive() {
    let bytes: [UInt8] = [
      0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
      0xEF,
      0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]
    for first in bytes {
      for second in bytes {
        for third in bytes {
          let all = [first, second, third]
          let whole = String(decoding: all, as: UTF8.self)
          #expect(Self.assembled(all.map { [$0] }).joined().utf8.elementsEqual(whole.utf8), "\(all)")
        }
      }
    }
  }
}

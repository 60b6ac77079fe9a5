import Testing

@testable import Tokenizers

/// The two ways in which vocabularies spell bytes: "<0x0A>", and GPT-2's stand-ins.
struct ByteSpellingTests {
  @Test("every byte token has one spelling in capitals, and one in small letters")
  func byteTokens() {
    for byte in 0...255 {
      let digits = String(byte, radix: 16)
      let padded = digits.count < 2 ? "0" + digits : digits
      #expect(ByteToken.parse(Array("<0x\(padded.uppercased())>".utf8)) == UInt8(byte))
      #expect(ByteToken.parse(Array("<0x\(padded)>".utf8)) == UInt8(byte))
    }
  }

  @Test(
    "nothing else is a byte token",
    arguments: [
      "", "<0x>", "<0x0>", "<0x000>", "<0xGG>", "<0X0A>", "0x0A", "<0x0A", "0x0A>", " <0x0A>", "<0x-1>",
      "<0x٣٤>",
    ])
  func others(spelling: String) {
    #expect(ByteToken.parse(Array(spelling.utf8)) == nil)
  }

  @Test("stand-ins are those of GPT-2's encoder, and all differ")
  func standIns() {
    #expect(Set(ByteAlphabet.scalars).count == 256)
    let known: [(UInt8, String)] = [
      (0x20, "Ġ"), (0x0A, "Ċ"), (0x09, "ĉ"), (0x00, "Ā"), (0x41, "A"), (0x7E, "~"), (0x7F, "ġ"), (0xA0, "ł"),
      (0xAD, "Ń"), (0xAE, "®"), (0xC3, "Ã"), (0xFF, "ÿ"),
    ]
    for (byte, text) in known { #expect(ByteAlphabet.spelling(of: [byte]) == Array(text.utf8)) }
    let all = (0...255).map { UInt8($0) }
    let spelled = ByteAlphabet.spelling(of: all)
    #expect(spelled.withUnsafeBufferPointer { ByteAlphabet.bytes(of: $0) } == all)
  }

  @Test(
    "a piece with anything but stand-ins is not bytes",
    arguments: [" ", "a b", "日", "\u{144}", "\u{AD}", "\n"])
  func notStandIns(piece: String) {
    #expect(Array(piece.utf8).withUnsafeBufferPointer { ByteAlphabet.bytes(of: $0) } == nil)
  }

  @Test(
    "base 64 is that of RFC 4648",
    arguments: [
      ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
      ("Zm9vYmFy", "foobar"),
    ])
  func base64(text: String, bytes: String) {
    #expect(Base64.decode(Array(text.utf8)) == Array(bytes.utf8))
  }

  @Test(
    "what is not base 64 is refused", arguments: ["Z", "Zg==Zg==", "Zg===", "Z g=", "Zm9v\n", "Zm-_", "é"])
  func notBase64(text: String) {
    #expect(Base64.decode(Array(text.utf8)) == nil)
  }
}

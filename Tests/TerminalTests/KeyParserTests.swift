import Terminal
import Testing

@Suite struct KeyParserTests {
  private func keys(_ text: String) -> [Key] {
    var parser = KeyParser()
    return parser.parse(text.utf8)
  }

  @Test("Plain text becomes scalars, whole characters only")
  func text() {
    #expect(keys("aé한😀") == [.scalar("a"), .scalar("é"), .scalar("한"), .scalar("😀")])
  }

  @Test("Bytes that come one by one give the same keys as all at once")
  func pieces() {
    let text = "한\u{1B}[D\u{1B}[200~x\r\ny\u{1B}[201~\u{1B}OH\r"
    var parser = KeyParser()
    let single = text.utf8.flatMap { parser.parse([$0]) }
    #expect(single == keys(text))
    #expect(single == [.scalar("한"), .left, .paste("x\ny"), .home, .enter])
  }

  @Test(
    "Control sequences of the usual terminals are known",
    arguments: [
      ("\u{1B}[A", Key.up), ("\u{1B}OB", .down), ("\u{1B}[C", .right), ("\u{1B}[1~", .home),
      ("\u{1B}[F", .end),
      ("\u{1B}[3~", .delete), ("\u{1B}[1;5C", .wordRight), ("\u{1B}b", .wordLeft), ("\u{1B}\r", .newline),
      ("\u{01}", .home), ("\u{05}", .end), ("\u{0B}", .killToEnd), ("\u{15}", .killToStart),
      ("\u{17}", .killWordLeft),
      ("\u{0C}", .clearScreen), ("\u{03}", .interrupt), ("\u{04}", .endOfFile), ("\u{7F}", .backspace),
    ])
  func sequences(_ text: String, _ key: Key) {
    #expect(keys(text) == [key])
  }

  @Test("Unknown sequences and broken UTF-8 leave nothing behind")
  func unknown() {
    #expect(keys("\u{1B}[99;99Xa") == [.scalar("a")])
    #expect(keys("\u{1B}[[Aa") == [.scalar("a")])
    var parser = KeyParser()
    let broken = parser.parse([0xE2, 0x28, 0xFF, 0xC0, 0x41])
    #expect(
      broken == [.scalar("\u{FFFD}"), .scalar("("), .scalar("\u{FFFD}"), .scalar("\u{FFFD}"), .scalar("A")])
    #expect(keys("\u{1B}[" + String(repeating: "1;", count: 200) + "a").last == .scalar("a"))
  }

  @Test("A large paste comes in one piece, and what is beyond the limit is cut")
  func paste() {
    let text = String(repeating: "한글 ", count: 20_000)
    #expect(keys("\u{1B}[200~\(text)\u{1B}[201~") == [.paste(text)])
    let huge = String(repeating: "x", count: 2 * Limits.lineBytes + 1000)
    guard case .paste(let cut)? = keys("\u{1B}[200~\(huge)\u{1B}[201~!").first else {
      Issue.record("no paste")
      return
    }
    #expect(cut.utf8.count < huge.utf8.count)
  }
}

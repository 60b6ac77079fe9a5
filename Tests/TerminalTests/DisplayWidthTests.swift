import Glibc
import Terminal
import Testing

@Suite struct DisplayWidthTests {
  @Test(
    "Text is as wide as terminals show it",
    arguments: [
      ("abc", 3), ("한글", 4), ("日本語", 6), ("é", 1), ("e\u{301}", 1), ("👨‍👩‍👧", 2), ("🇰🇷", 2), ("❤\u{FE0F}", 2),
      ("❤", 1), ("ｱ", 1), ("Ａ", 2), ("", 0), ("\u{1112}\u{1161}\u{11AB}", 2), ("…", 1), ("\u{200B}", 0),
    ])
  func texts(_ text: String, _ width: Int) {
    #expect(DisplayWidth.of(text) == width)
  }

  @Test("Scalars agree with the C library wherever both have an opinion")
  func library() throws {
    // Swift does not import it: it hides behind a feature macro.
    typealias Function = @convention(c) (wchar_t) -> Int32
    let wcwidth = unsafeBitCast(try #require(dlsym(nil, "wcwidth")), to: Function.self)
    let locale = try #require(newlocale(LC_CTYPE_MASK, "C.UTF-8", nil))
    let before = uselocale(locale)
    defer {
      _ = uselocale(before)
      freelocale(locale)
    }
    var differing: [UInt32] = []
    for value in (0x20 as UInt32)...0x3FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let expected = wcwidth(wchar_t(bitPattern: value))
      if expected >= 0, Int(expected) != DisplayWidth.of(scalar) { differing.append(value) }
    }
    // The two know different versions of Unicode, and differ on a few format and spacing marks.
    #expect(differing.count < 600, "\(differing.prefix(40).map { String($0, radix: 16) })")
  }
}

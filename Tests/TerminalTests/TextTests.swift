import Terminal
import Testing

@Suite struct TextTests {
  @Test("Control characters cannot reach a terminal")
  func escaping() {
    #expect(SafeText.escaping("a\tb\nc 한😀") == "a\tb\nc 한😀")
    #expect(SafeText.escaping("\u{1B}[2Jx\r\u{7F}\u{9B}0m\u{0}") == "␛[2Jx␍␡\u{FFFD}0m␀")
    #expect(SafeText.oneLine("a\nb\tc") == "a␊b␉c")
    for value in 0..<(0xA0 as UInt32) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let safe = SafeText.escaping(String(scalar)).unicodeScalars
      #expect(
        safe.allSatisfy { $0 == "\n" || $0 == "\t" || (0x20..<0x7F).contains($0.value) || $0.value >= 0xA0 })
    }
  }

  @Test("Bytes are quoted in one line, whatever they are")
  func quoted() {
    #expect(SafeText.quoted(Array("a\"\\\n\t\r한".utf8)) == #""a\"\\\n\t\r한""#)
    #expect(SafeText.quoted([0xE2, 0x96]) == #""\xE2\x96""#)
    #expect(SafeText.quoted([0x1B, 0xFF, 0x41]) == #""\x1B\xFFA""#)
    #expect(SafeText.quoted(Array("\u{9B}\u{202E}".utf8)) == #""\u{9B}\u{202E}""#)
  }

  @Test("A table aligns wide characters and ends lines without blanks")
  func table() {
    var table = Table([.init("NAME"), .init("SIZE", right: true), .init("NOTE")])
    table.add(["한글", "5", "x\ny"])
    table.add(["ab", "1234"])
    #expect(table.text == "NAME  SIZE  NOTE\n한글     5  x␊y\nab    1234\n")
    var plain = Table([.init(""), .init("")])
    plain.add(["a", "b"])
    #expect(plain.text == "a  b\n")
  }

  @Test("A progress bar fits its columns for any fraction and width")
  func progress() {
    #expect(
      ProgressBar.line(title: "loading x", fraction: 0.5, stage: "packing", columns: 40)
        == "loading x   50% [######-------] packing")
    for columns in [0, 1, 10, 79] {
      for fraction in [-1, 0, 0.3, 1, 7, Double.nan, .infinity] {
        let line = ProgressBar.line(title: "한글", fraction: fraction, stage: "가나다", columns: columns)
        #expect(DisplayWidth.of(line) <= max(0, columns - 1))
      }
    }
  }
}

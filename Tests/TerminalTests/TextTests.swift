import Terminal
import Testing

@Suite struct TextTests {
  @Test("Control characters cannot reach a terminal")
  func escaping() {
    #expect(SafeText.escaping("a\tb\nc 한😀") == "a\tb\nc 한😀")
    #expect(SafeText.escaping("\u{1B}[2Jx\r\u{7F}\u{9B}0m\u{0}") == "␛[2Jx␍␡<U+009B>0m␀")
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

  @Test("Every format character, separator and ignorable character is shown by its number")
  func invisible() {
    for value in (0x80 as UInt32)...0xE0FFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let category = scalar.properties.generalCategory
      let hidden: [Unicode.GeneralCategory] = [.control, .format, .lineSeparator, .paragraphSeparator]
      guard hidden.contains(category) || scalar.properties.isDefaultIgnorableCodePoint else { continue }
      let digits = String(value, radix: 16, uppercase: true)
      let shown = "<U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ">"
      for text in [SafeText.escaping(String(scalar)), SafeText.oneLine(String(scalar))] where text != shown {
        Issue.record("\(shown) is shown as \(text)")
      }
      #expect(SafeText.quoted(Array(String(scalar).utf8)) == "\"\\u{\(digits)}\"")
    }
    #expect(SafeText.escaping("a\u{202E}b\u{2028}c") == "a<U+202E>b<U+2028>c")
  }

  @Test(
    "What shapes a character stays with it: emoji, Persian, Hindi, decomposed Korean",
    arguments: ["👨‍👩‍👧", "❤️", "1️⃣", "👍🏽", "می\u{200C}خواهم", "क्\u{200D}ष", "\u{1112}\u{1161}\u{11AB}", "🇰🇷"])
  func shaping(_ text: String) {
    #expect(SafeText.escaping(text) == text)
    // A stream may come apart anywhere.
    var result = ""
    var last: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      result += SafeText.escaping(String(scalar), after: last)
      last = scalar
    }
    #expect(result == text)
  }

  @Test("Joiners and selectors that shape nothing are shown")
  func hiding() {
    #expect(SafeText.escaping("a\u{200D}b") == "a<U+200D>b")
    #expect(SafeText.escaping("x\u{FE0F}\u{FE01}\u{E0100}") == "x\u{FE0F}<U+FE01><U+E0100>")
    #expect(SafeText.escaping("🏴\u{E0067}") == "🏴<U+E0067>")
  }

  @Test(
    "A table fits its columns, and no cell is lost", arguments: [200, 40, 39, 33, 30, 24, 20, 16])
  func narrow(_ columns: Int) {
    var table = Table([.init("NAME"), .init("SIZE", right: true), .init("TEMPLATE"), .init("PATH")])
    table.add(["smollm2", "12345", "한국어 템플릿 이름", "/models/of/somebody/with/a/long/path.gguf"])
    table.add(["b", "1", "", "x y z"])
    let text = table.text(columns: columns)
    for line in text.split(separator: "\n") { #expect(DisplayWidth.of(line) <= columns, "\(line)") }
    let letters = text.filter { !$0.isWhitespace }
    for cell in ["smollm2", "12345"] { #expect(letters.contains(cell)) }
    for character in "한국어템플릿이름" { #expect(text.contains(character)) }
    #expect(columns < 200 || text == table.text)
  }

  @Test("A table moves together before it wraps, and becomes blocks before it is cut")
  func narrowShapes() {
    var table = Table([.init("A", right: true), .init("NAME")])
    table.add(["1", "abcd efgh ijkl"])
    #expect(table.text(columns: 17) == "A  NAME\n1  abcd efgh ijkl\n")
    #expect(table.text(columns: 16) == "A NAME\n1 abcd efgh ijkl\n")
    #expect(table.text(columns: 12) == "A  NAME\n1  abcd efgh\n   ijkl\n")
    #expect(table.text(columns: 9) == "A     1\nNAME  abc\n      d\n      efg\n      h\n      ijk\n      l\n")
    var words = Table([.init("A"), .init("B")])
    words.add(["penalty_last_n", "some words of a meaning"])
    #expect(words.text(columns: 25).hasPrefix("A               B\npenalty_last_n  some\n"))
    var plain = Table([.init(""), .init("")])
    plain.add(["key", "a long value"])
    #expect(plain.text(columns: 9) == "key  a\n     long\n     valu\n     e\n")
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

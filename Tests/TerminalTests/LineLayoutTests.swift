import Terminal
import Testing

@Suite struct LineLayoutTests {
  @Test("A line that fits stands in one row")
  func short() {
    let layout = LineLayout(prompt: ">>> ", before: "ab", after: "c", columns: 80)
    #expect(layout.rows == [">>> abc"])
    #expect(layout.cursorColumn == 6)
  }

  @Test("Wide characters never straddle the edge")
  func wide() {
    let layout = LineLayout(prompt: "> ", before: "한글한글", after: "", columns: 5)
    #expect(layout.rows == ["> 한", "글한", "글"])
    #expect((layout.cursorRow, layout.cursorColumn) == (2, 2))
  }

  @Test("A cursor behind the last column stands in the next row")
  func edge() {
    let layout = LineLayout(prompt: "", before: "abcd", after: "", columns: 4)
    #expect(layout.rows == ["abcd", ""])
    #expect((layout.cursorRow, layout.cursorColumn) == (1, 0))
    let middle = LineLayout(prompt: "", before: "abcd", after: "ef", columns: 4)
    #expect(middle.rows == ["abcd", "ef"])
    #expect((middle.cursorRow, middle.cursorColumn) == (1, 0))
  }

  @Test("Newlines begin rows and control characters are shown")
  func controls() {
    let layout = LineLayout(prompt: "", before: "a\n\u{1B}b", after: "\t", columns: 80)
    #expect(layout.rows == ["a", "^[b^I"])
    #expect((layout.cursorRow, layout.cursorColumn) == (1, 3))
  }

  @Test("Invisible characters in a line are shown")
  func invisible() {
    let layout = LineLayout(prompt: "", before: "a\u{202E}b", after: "", columns: 80)
    #expect(layout.rows == ["a<U+202E>b"])
  }

  @Test("Drawing goes up to the first row and puts the cursor back")
  func drawing() {
    let layout = LineLayout(prompt: "", before: "a", after: "b\ncc", columns: 80)
    #expect(
      layout.drawing(over: 1) == "\u{1B}[?25l\r\u{1B}[1A\u{1B}[Jab\r\ncc\u{1B}[1A\r\u{1B}[1C\u{1B}[?25h")
    #expect(layout.leaving == "\u{1B}[1B\r\n")
  }
}

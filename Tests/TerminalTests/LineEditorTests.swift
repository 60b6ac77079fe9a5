import Terminal
import Testing

@Suite struct LineEditorTests {
  private func edit(_ keys: [Key], history: [String] = []) -> LineEditor {
    var editor = LineEditor(history: history)
    for key in keys { _ = editor.handle(key) }
    return editor
  }

  private func type(_ text: String) -> [Key] { text.unicodeScalars.map { .scalar($0) } }

  @Test("Typing inserts at the cursor, return hands the line over")
  func insert() {
    var editor = edit(type("held") + [.left, .left] + type("llo wor") + [.home] + type("> "))
    #expect(editor.text == "> hello world")
    #expect(editor.before == "> ")
    expectEqual(editor.handle(.enter), .submit("> hello world"))
  }

  @Test("The cursor and backspace move by graphemes")
  func graphemes() {
    let family = "👨‍👩‍👧"
    let editor = edit(type("a\(family)e\u{301}") + [.left, .left])
    #expect(editor.before == "a")
    #expect(editor.after == "\(family)e\u{301}")
    #expect(edit(type("a\(family)") + [.backspace]).text == "a")
    #expect(edit(type("한글") + [.left, .delete]).text == "한")
    // A combining mark typed before another character joins what is on its left.
    #expect(edit(type("eb") + [.left] + type("\u{301}")).before == "e\u{301}")
  }

  @Test("Killing keeps the text for yank")
  func kill() {
    #expect(edit(type("one two  ") + [.killWordLeft]).text == "one ")
    #expect(edit(type("one two") + [.wordLeft, .killToEnd, .home, .yank]).text == "twoone ")
    #expect(edit(type("one two") + [.killToStart]).text == "")
    #expect(edit(type("one two") + [.home, .killWordRight]).text == " two")
    #expect(edit(type("ab") + [.transpose]).text == "ba")
  }

  @Test("Home, end and kill stay within a line of several")
  func lines() {
    let editor = edit([.paste("one\ntwo"), .home])
    #expect(editor.before == "one\n")
    #expect(edit([.paste("one\ntwo"), .killToStart]).text == "one\n")
    #expect(edit(type("a") + [.newline] + type("b")).text == "a\nb")
  }

  @Test("Up and down walk the history and come back to the draft")
  func history() {
    var editor = edit(type("draft"), history: ["one", "two"])
    expectEqual(editor.handle(.up), .redraw)
    #expect(editor.text == "two")
    expectEqual(editor.handle(.up), .redraw)
    expectEqual(editor.handle(.up), .bell)
    #expect(editor.text == "one")
    _ = editor.handle(.down)
    _ = editor.handle(.down)
    #expect(editor.text == "draft")
    expectEqual(editor.handle(.down), .bell)
  }

  @Test("Control-D ends an empty line only; Control-C, L and Z are told")
  func actions() {
    var editor = edit([])
    expectEqual(editor.handle(.endOfFile), .endOfInput)
    editor = edit(type("ab") + [.home])
    expectEqual(editor.handle(.endOfFile), .redraw)
    #expect(editor.text == "b")
    expectEqual(editor.handle(.interrupt), .interrupt)
    expectEqual(editor.handle(.clearScreen), .clearScreen)
    expectEqual(editor.handle(.suspend), .suspend)
    expectEqual(editor.handle(.left), .none)
  }

  @Test("A line longer than the limit is refused")
  func limit() {
    var editor = edit([])
    expectEqual(editor.handle(.paste(String(repeating: "x", count: Limits.lineBytes + 1))), .bell)
    #expect(editor.text == "")
  }

  @Test("Any keys in any order leave the text and the cursor consistent")
  func random() {
    var generator = SystemRandomNumberGenerator()
    let keys: [Key] = [
      .scalar("a"), .scalar("\u{301}"), .scalar("한"), .scalar("\u{1F1E6}"), .scalar("\u{200D}"),
      .paste("x\ny"), .left,
      .right, .home, .end, .wordLeft, .wordRight, .backspace, .delete, .killToEnd, .killToStart,
      .killWordLeft,
      .killWordRight, .yank, .transpose, .up, .down, .newline, .tab,
    ]
    for _ in 0..<50 {
      var editor = LineEditor(history: ["old", "한글"])
      for _ in 0..<200 {
        _ = editor.handle(keys.randomElement(using: &generator) ?? .left)
        let layout = LineLayout(prompt: ">>> ", before: editor.before, after: editor.after, columns: 10)
        #expect(layout.cursorColumn < 10 && layout.cursorRow < layout.rows.count)
      }
    }
  }
}

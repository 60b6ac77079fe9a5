import Terminal
import Testing

@Suite struct WordWrapTests {
  @Test(
    "Lines end between words",
    arguments: [
      ("the quick brown fox", 10, "the quick\nbrown fox"),
      ("the quick brown fox", 9, "the quick\nbrown fox"),
      ("the quick brown fox", 100, "the quick brown fox"),
      ("한국어 문장은 낱말에서", 8, "한국어\n문장은\n낱말에서"),
      ("日本語の文章、です", 8, "日本語の\n文章、で\nす"),
      ("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 4, "👨‍👩‍👧👨‍👩‍👧\n👨‍👩‍👧"),
      ("a\n\n  indented line", 10, "a\n\n  indented\nline"),
      ("see https://example.org/a/long/path now", 10, "see\nhttps://example.org/a/long/path now"),
      ("a\tb", 8, "a\nb"), ("a \n", 80, "a \n"), ("cafe\u{301} x", 4, "cafe\u{301}\nx"), ("", 5, ""),
    ])
  func wrapping(_ text: String, _ columns: Int, _ expected: String) {
    #expect(WordWrap.wrapped(text, columns: columns) == expected)
  }

  @Test("The pieces of a stream give what the whole text gives, wherever it comes apart")
  func pieces() {
    let text = "the  quick 日本語の文章、です 👨‍👩‍👧 한국어 e\u{301}\n\tx https://example.org "
    for columns in [1, 2, 5, 10, 40] {
      let whole = WordWrap.wrapped(text, columns: columns)
      var wrap = WordWrap()
      var result = ""
      for scalar in text.unicodeScalars { result += wrap.add(String(scalar), columns: columns) }
      result += wrap.finish(columns: columns)
      #expect(result == whole)
      let kept = whole.filter { !$0.isWhitespace }
      #expect(kept == text.filter { !$0.isWhitespace }, "nothing but blanks is lost")
    }
  }
}

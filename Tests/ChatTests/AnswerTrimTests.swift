import Chat
import TestSupport
import Testing

@Suite("What is not part of an answer") struct AnswerTrimTests {
  /// The text that comes out in pieces of `size` scalars, and whether nothing came that had to be taken back.
  private func trimmed(
    _ text: String, head: String = "", strips: Bool, stop: [String] = [], size: Int
  ) -> String {
    var filter = StopStringFilter(stop)
    var trim = AnswerTrim(head: head, strips: strips)
    var result = ""
    let scalars = Array(text.unicodeScalars)
    for start in stride(from: 0, to: scalars.count, by: size) {
      var piece = String.UnicodeScalarView()
      piece.append(contentsOf: scalars[start..<min(start + size, scalars.count)])
      let step = filter.push(String(piece))
      result += trim.push(step.text)
      if step.matched != nil { return result + trim.finish() }
    }
    return result + trim.push(filter.finish()) + trim.finish()
  }

  @Test("An answer is what the code of SynthIA's card makes of it, in pieces of any size")
  func synthia() throws {
    let turns = try #require(try CardRecording.load().cards["synthia-7b-v1.3"]).flatMap { $0 }
    #expect(turns.count == 20)
    for turn in turns {
      for size in [1, 2, 3, 7, 1000] {
        let found = trimmed(turn.raw, strips: true, stop: ["USER:"], size: size)
        #expect(Array(found.utf8) == Array(turn.answer.utf8), "\(turn.raw.debugDescription)")
      }
    }
  }

  @Test(
    "What the model writes before its answer is dropped, whole or not at all",
    arguments: [
      ("<s>a\nHello ", "Hello "), (" \n<s>a\nHello", "Hello"), ("Hello", "Hello"), ("<s>b", "<s>b"),
      ("  Hello", "  Hello"), ("<s>a\n", ""), ("<s>a", "<s>a"), ("", ""), ("<s>a\n<s>a\nx", "<s>a\nx"),
      ("\n\n", "\n\n"), ("<s>a\n  x", "  x"),
    ])
  func head(text: String, wanted: String) {
    for size in [1, 2, 1000] { #expect(trimmed(text, head: "<s>a\n", strips: false, size: size) == wanted) }
  }

  @Test("Both ends are stripped of what Python takes for white space")
  func white() {
    for size in [1, 3, 1000] {
      #expect(trimmed("\u{1C}\u{1F} \u{3000}a  b\u{A0}\u{85}\u{2028}", strips: true, size: size) == "a  b")
      #expect(trimmed("\u{200B}a\u{200B}", strips: true, size: size) == "\u{200B}a\u{200B}")
      #expect(trimmed(" \n ", strips: true, size: size) == "")
      #expect(trimmed(" \n<s>a\n  x ", head: "<s>a\n", strips: true, size: size) == "x")
      #expect(trimmed(" <s> ", head: "<s>a\n", strips: true, size: size) == "<s>")
      #expect(trimmed(" <s", head: "<s>a\n", strips: true, size: size) == "<s")
      #expect(trimmed("a ", strips: false, size: size) == "a ")
    }
  }
}

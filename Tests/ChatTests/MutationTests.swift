import Chat
import Jinja
import TestSupport
import Testing

@Suite("Mutated templates")
struct MutationTests {
  private static let pieces = [
    "{{", "}}", "{%", "%}", "{#", "#}", "-%}", "{%-", "(", ")", "[", "]", "'", "\"", "|", ".", "~", "%", "*",
    "-",
    " if ", " else ", " is ", " not ", " in ", "endif", "endfor", "set", "loop", "range(99999)", "**", "\\",
    "é", "\u{0}",
    "9223372036854775807", "|tojson", "|sort", "namespace(", "::-1", "__class__", "{% for x in messages %}",
  ]

  private static let seed: UInt64 = 20_26
  private static let context: [String: Value] = [
    "messages": [["role": "system", "content": "S"], ["role": "user", "content": "<|im_end|>"]],
    "add_generation_prompt": true, "bos_token": "<s>", "eos_token": "</s>",
  ]

  /// In twelve parts, which run beside each other.
  @Test("changes to real templates neither crash nor hang", .timeLimit(.minutes(60)), arguments: 0..<12)
  func templates(part: Int) throws {
    let names = try Fixture.lines("recent/expected.jsonl").compactMap { $0["template"]?.string }
    let originals = try Set(names).sorted().map { try Fixture.text("recent/templates/" + $0) }
    let mutator = TextMutator(originals, pieces: Self.pieces, seed: Self.seed)
    var (tried, rendered) = (0, 0)
    for index in stride(from: part, to: Mutations.count(600), by: 12) {
      tried += 1
      let source = String(decoding: mutator.mutation(index), as: UTF8.self)
      // What a template may take is a second; a refusal names its place.
      if (try? Template(source).render(Self.context, now: 0)) != nil { rendered += 1 }
    }
    #expect(tried < 12 || rendered > 0)
  }

  @Test("changes to front matter are read or refused by line", .timeLimit(.minutes(60)))
  func frontMatter() throws {
    let originals = [
      "---\ndescription: A chat format\nstop: [\"<|end|>\", \"User:\"]\ncontent: text\n---\n{{ messages[0].content }}",
      "---\r\n# notes\r\ndescription: \"quoted: text\"\r\nstop:\r\n- a\r\n- 'b c'\r\n---\r\n{{ bos_token }}x",
      "---\nstop: x\ncontent: parts\n---\nplain",
    ]
    let pieces = [
      "---", "\n", "\r\n", "- ", ": ", "[", "]", "\"", "'", "\\", "#", "stop:", "description:", "content:",
      "true",
      "null", "|", "{", "}", "\t", "\u{0}", "é", "\u{FEFF}", ",", " ",
    ]
    let mutator = TextMutator(originals, pieces: pieces, seed: Self.seed)
    let count = Mutations.count(2_000)
    var refused = 0
    for index in 0..<count {
      do throws(ChatError) {
        _ = try ChatTemplate.compile(
          name: "t", source: String(decoding: mutator.mutation(index), as: UTF8.self))
      } catch {
        refused += 1
        #expect(!"\(error)".isEmpty)
      }
    }
    #expect(refused > count / 20 && refused < count * 19 / 20, "\(refused) of \(count) refused")
  }
}

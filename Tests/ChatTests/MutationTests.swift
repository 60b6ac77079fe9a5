import Jinja
import Testing

@Suite("Mutated templates")
struct MutationTests {
  /// A small generator whose numbers are the same everywhere.
  private struct Numbers {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(max(bound, 1)))
    }
  }

  private static let pieces = [
    "{{", "}}", "{%", "%}", "{#", "#}", "-%}", "{%-", "(", ")", "[", "]", "'", "\"", "|", ".", "~", "%", "*",
    "-",
    " if ", " else ", " is ", " not ", " in ", "endif", "endfor", "set", "loop", "range(99999)", "**", "\\",
    "é", "\u{0}",
    "9223372036854775807", "|tojson", "|sort", "namespace(", "::-1", "__class__", "{% for x in messages %}",
  ]

  @Test("three hundred changes to real templates neither crash nor hang", arguments: 0..<30)
  func mutations(seed: Int) throws {
    let names = try Fixture.lines("recent/expected.jsonl").compactMap { $0["template"]?.string }
    let name = names[seed % names.count]
    let source = Array(try Fixture.text("recent/templates/" + name).utf8)
    let context: [String: Value] = [
      "messages": [["role": "system", "content": "S"], ["role": "user", "content": "<|im_end|>"]],
      "add_generation_prompt": true, "bos_token": "<s>", "eos_token": "</s>",
    ]
    var numbers = Numbers(state: UInt64(seed))
    var finished = 0
    for _ in 0..<10 {
      var bytes = source
      for _ in 0...numbers.next(below: 4) { change(&bytes, &numbers) }
      _ = try? Template(String(decoding: bytes, as: UTF8.self)).render(context, now: 0)
      finished += 1
    }
    #expect(finished == 10)
  }

  /// Drops, repeats, swaps or inserts something.
  private func change(_ bytes: inout [UInt8], _ numbers: inout Numbers) {
    let at = numbers.next(below: bytes.count)
    let end = min(at + 1 + numbers.next(below: 12), bytes.count)
    switch numbers.next(below: 4) {
    case 0: bytes.removeSubrange(at..<end)
    case 1: bytes.insert(contentsOf: bytes[at..<end], at: numbers.next(below: bytes.count))
    case 2: bytes.replaceSubrange(at..<end, with: bytes[at..<end].reversed())
    default: bytes.insert(contentsOf: Self.pieces[numbers.next(below: Self.pieces.count)].utf8, at: at)
    }
  }
}

import Jinja
import Testing

@Suite("Templates of 2025 and 2026 against transformers")
struct RecentTemplateTests {
  /// 2026-11-22, 12:00 UTC, as in `regenerate.py`.
  private static let day = 1_795_348_800

  private static let names = ((try? Fixture.lines("recent/expected.jsonl")) ?? []).compactMap {
    $0["template"]?.string
  }

  @Test("each gives what transformers gives, or an error where it gives one", arguments: names)
  func template(name: String) throws {
    let cases = try Value(json: Fixture.text("recent/conversations.json"))
    let rows = try Fixture.lines("recent/expected.jsonl")
    guard case .dict(let conversations)? = cases["conversations"], case .dict(let sets)? = cases["variables"],
      case .list(let expected)? = rows.first(where: { $0["template"]?.string == name })?["expected"]
    else {
      Issue.record("the fixture is not what it should be")
      return
    }
    let template = try Template(Fixture.text("recent/templates/" + name))
    var place = 0
    for (conversation, messages) in conversations.entries {
      for (label, variables) in sets.entries {
        let found = render(template, messages, variables)
        #expect(found == expected[place], "\(conversation) \(label)")
        place += 1
      }
    }
    #expect(place == expected.count && place > 300)
  }

  /// Length and hash of the result, or none for an error.
  private func render(_ template: Template, _ messages: Value, _ variables: Value) -> Value {
    var context: [String: Value] = [
      "messages": messages, "tools": nil, "documents": nil, "add_generation_prompt": true,
      "bos_token": "<s>", "eos_token": "</s>",
    ]
    if case .dict(let fields) = variables {
      for (name, value) in fields.entries where value.string != "ABSENT" { context[name] = value }
    }
    guard let text = try? template.render(context, now: Self.day).text else { return .none }
    let hash = text.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return [.int(text.utf8.count), .int(Int(hash))]
  }
}

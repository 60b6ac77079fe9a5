import Chat
import Jinja

/// The checks of a template.
struct TemplateCheck {
  private let template: PluginTemplate

  init(_ template: PluginTemplate) {
    self.template = template
  }

  /// The checks, in order.
  var steps: [Conformance.Step] {
    typealias Step = Conformance.Step
    return [
      Step(.rendering) { () throws(ConformanceFailure) in try rendering() },
      Step(.determinism) { () throws(ConformanceFailure) in try determinism() },
      Step(.origins) { () throws(ConformanceFailure) in try origins() },
      Step(.cost) { () throws(ConformanceFailure) in try cost() },
    ]
  }

  /// The conversations to render; all but the first may be refused.
  private static let conversations: [(name: String, conversation: Conversation)] = {
    let user = Message(role: "user", content: "Hello.")
    let answer = Message(role: "assistant", content: "Good day.")
    let system = Message(role: "system", content: "Be brief.")
    func made(_ messages: [Message], _ change: (inout Conversation) -> Void = { _ in }) -> Conversation {
      var conversation = Conversation(
        messages: messages, bosToken: "<s>", eosToken: "</s>", now: 1_700_000_000)
      change(&conversation)
      return conversation
    }
    let tools: Value = [
      ["type": "function", "function": ["name": "clock", "parameters": ["type": "object"]]]
    ]
    let long = (0..<200).map { Message(role: $0 % 2 == 0 ? "user" : "assistant", content: "Line \($0).") }
    return [
      ("a single user message", made([user])),
      ("a system message and a user message", made([system, user])),
      ("several turns", made([user, answer, user, answer, user])),
      ("consecutive messages of one speaker", made([user, user, answer, answer, user])),
      ("an answer to continue", made([user, answer]) { $0.addGenerationPrompt = false }),
      ("no special tokens", made([user]) { ($0.bosToken, $0.eosToken) = (nil, nil) }),
      ("an empty message", made([Message(role: "user", content: "")])),
      (
        "a message in several scripts",
        made([Message(role: "user", content: Corpus.all.map(\.text).joined())])
      ),
      ("a zero byte in a message", made([Message(role: "user", content: "a\u{0}b")])),
      ("a message without content", made([user, Message(role: "assistant", content: .none), user])),
      ("an unusual role", made([user, Message(role: "<|im_start|>", content: "x"), user])),
      ("an unusual role first", made([Message(role: "<|im_start|>", content: "x"), user])),
      ("tools", made([user]) { $0.tools = tools }),
      ("200 messages", made(long + [user])),
    ]
  }()

  /// The prompt; nil if the template refuses the conversation.
  private func render(_ name: String, _ conversation: Conversation) throws(ConformanceFailure)
    -> RenderedPrompt?
  {
    do throws(PluginFault) {
      return try template.render(conversation)
    } catch {
      if case .refused = error { return nil }
      throw ConformanceFailure("\(error) (on \(name))")
    }
  }

  private func rendering() throws(ConformanceFailure) -> UInt64? {
    for (index, entry) in Self.conversations.enumerated() {
      let prompt = try render(entry.name, entry.conversation)
      if index == 0, prompt?.text.isEmpty ?? true {
        throw ConformanceFailure("does not render \(entry.name)")
      }
    }
    return nil
  }

  private func determinism() throws(ConformanceFailure) -> UInt64? {
    for (name, conversation) in Self.conversations {
      let first = try render(name, conversation)
      guard try render(name, conversation) == first else {
        throw ConformanceFailure("renders the same conversation differently each time (\(name))")
      }
    }
    return nil
  }

  /// The roles of conversations whose messages are marked; a template may refuse all but the first.
  private static let marked = [
    ["user"], ["user", "assistant", "user"], ["system", "user", "assistant", "user"],
  ]

  /// What a message says must be rendered as the content of that message and as nothing else, and what a user says must
  /// be rendered, even with a zero byte inside.
  private func origins() throws(ConformanceFailure) -> UInt64? {
    for roles in Self.marked {
      for separator in ["-", "\u{0}"] {
        let marks = roles.indices.map { "q7Zx\(separator)mark\($0)\(separator)K2v" }
        let messages = zip(roles, marks).map { Message(role: $0, content: .text($1)) }
        guard let prompt = try render("marked messages", Conversation(messages: messages)) else { continue }
        for (index, mark) in marks.enumerated() {
          try checkOrigin(
            of: Array(mark.utf8), message: index, mustAppear: roles[index] == "user", in: prompt)
        }
      }
    }
    return nil
  }

  private func checkOrigin(
    of mark: [UInt8], message: Int, mustAppear: Bool, in prompt: RenderedPrompt
  ) throws(ConformanceFailure) {
    let text = Array(prompt.text.utf8)
    var isFound = false
    for start in text.indices where text[start...].starts(with: mark) {
      isFound = true
      for span in prompt.spans where span.range.overlaps(start..<start + mark.count) {
        guard !span.isTrusted else {
          throw ConformanceFailure(
            "passes what message \(message) says as its own text (at byte \(start)); append it as WB_CONTENT")
        }
        guard span.source == "messages[\(message)].content" else {
          throw ConformanceFailure("passes what message \(message) says as \(span.source) (at byte \(start))")
        }
      }
    }
    guard isFound || !mustAppear else {
      throw ConformanceFailure(
        "leaves out what the user wrote" + (mark.contains(0) ? ", from a zero byte on" : ""))
    }
  }

  private func cost() throws(ConformanceFailure) -> UInt64? {
    guard let entry = Self.conversations.last else { return nil }
    let median = try Conformance.median(of: 5, template.health) { () throws(ConformanceFailure) in
      _ = try render(entry.name, entry.conversation)
    }
    guard median <= Limits.conformanceRenderNanoseconds else {
      throw ConformanceFailure(
        "takes \(milliseconds(median)) ms of processor time for \(entry.name); "
          + "the limit is \(milliseconds(Limits.conformanceRenderNanoseconds)) ms")
    }
    return median
  }
}

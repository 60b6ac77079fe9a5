import JSON
import WorkbenchAPI

/// A question that variants are compared on.
struct Question: Sendable {
  /// What is printed of it.
  var title: String
  var messages: [ProtoMessage]

  /// A user's message, after a system message if there is one.
  init(_ text: String, system: String?) {
    title = text
    messages =
      (system.map { [MessageInput.message("system", $0)] } ?? []) + [MessageInput.message("user", text)]
  }

  /// The questions of a file: a line each, which is a text, or a JSON object with `prompt` or with `messages`.
  ///
  /// - Throws: `ClientError` that names the line.
  static func parse(_ text: String, name: String, system: String?) throws(ClientError) -> [Question] {
    var questions: [Question] = []
    for (index, line) in CardFile.split(text).enumerated() where !line.trimmed.isEmpty {
      do throws(ClientError) {
        questions.append(
          try line.trimmed.hasPrefix("{")
            ? json(line.trimmed, system) : Question(String(line), system: system))
      } catch {
        throw ClientError(.usage, "\(name), line \(index + 1): \(error.message)")
      }
    }
    guard !questions.isEmpty else { throw ClientError(.usage, "\(name) has no question") }
    return questions
  }

  private static func json(_ line: String, _ system: String?) throws(ClientError) -> Question {
    let value = try JSONValue.parse(line)
    if let prompt = value["prompt"] {
      return Question(try MessageInput.string(prompt, "prompt"), system: system)
    }
    guard let list = value["messages"] else {
      throw ClientError(.usage, "the object has neither 'prompt' nor 'messages'")
    }
    var question = Question("", system: system)
    let messages = try MessageInput.parse(list)
    question.title = messages.last { $0.role == "user" }?.content ?? ""
    let hasSystem = messages.contains { $0.role == "system" }
    question.messages = (hasSystem ? [] : question.messages.dropLast()) + messages
    return question
  }
}

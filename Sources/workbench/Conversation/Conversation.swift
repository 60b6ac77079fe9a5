import WorkbenchAPI

/// A conversation as the client keeps it: everything that goes into the next request.
struct Conversation: Sendable {
  /// The model that answers.
  var model: String
  /// The template; nil for the one that the model has set.
  var template: String?
  /// The system message, placed first.
  var system: String?
  /// Sampling and stopping of the next answers.
  var options = ProtoGenerationOptions()
  /// A JSON array of tool definitions.
  var toolsJSON: String?
  /// A JSON object of further template variables.
  var variablesJSON: String?
  /// Whether the prompt ends with the start of the assistant's turn; nil for the daemon's default.
  var addGenerationPrompt: Bool?
  /// Whether tools and variables that the template never reads are accepted.
  var ignoresUnused = false
  /// The messages so far, without `system` and `question`.
  var messages: [ProtoMessage] = []
  /// The message that has no answer, because none has come yet or it failed; the next one takes its place.
  var question: ProtoMessage?

  /// The request for the next answer.
  var request: ProtoChatRequest {
    var request = ProtoChatRequest()
    request.model = model
    if let template { request.template = template }
    request.messages = allMessages
    if options != ProtoGenerationOptions() { request.options = options }
    if let toolsJSON { request.toolsJson = toolsJSON }
    if let variablesJSON { request.variablesJson = variablesJSON }
    if let addGenerationPrompt { request.addGenerationPrompt = addGenerationPrompt }
    if ignoresUnused { request.ignoreUnused = true }
    return request
  }

  /// The request for the prompt that the model would receive.
  var renderRequest: ProtoRenderTemplateRequest {
    var request = ProtoRenderTemplateRequest()
    request.model = model
    if let template { request.name = template }
    if options.hasProfile { request.profile = options.profile }
    request.messages = allMessages
    if let toolsJSON { request.toolsJson = toolsJSON }
    if let variablesJSON { request.variablesJson = variablesJSON }
    if let addGenerationPrompt { request.addGenerationPrompt = addGenerationPrompt }
    if ignoresUnused { request.ignoreUnused = true }
    return request
  }

  private var allMessages: [ProtoMessage] {
    (system.map { [MessageInput.message("system", $0)] } ?? []) + messages + (question.map { [$0] } ?? [])
  }

  /// The user's next message.
  mutating func ask(_ text: String) {
    question = MessageInput.message("user", text)
  }

  /// Keeps an answer to the question.
  mutating func keep(answer: String) {
    if let question { messages += [question, MessageInput.message("assistant", answer)] }
    question = nil
  }

  /// Makes the last question one without an answer again.
  mutating func reopen() throws(ClientError) {
    if question != nil { return }
    guard messages.last?.role == "assistant", messages.dropLast().last?.role == "user" else {
      throw ClientError(.usage, "nothing has been asked yet that /retry could ask again")
    }
    question = messages.dropLast().last
    messages.removeLast(2)
  }

  /// Forgets what was said.
  mutating func clear() {
    messages = []
    question = nil
  }
}

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
  /// Where the daemon keeps it; nil: nowhere.
  var stored: StoredPlace?

  /// The request for the next answer.
  var request: ProtoChatRequest {
    var request = ProtoChatRequest()
    request.model = model
    if let template { request.template = template }
    if let stored {
      request.messages = Array(allMessages.dropFirst(kept))
      request.conversation.conversation = stored.id
      request.conversation.keep = UInt32(clamping: kept)
      request.conversation.ifVersion = stored.version
    } else {
      request.messages = allMessages
    }
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

  private var allMessages: [ProtoMessage] { saidMessages + (question.map { [$0] } ?? []) }

  /// The messages without one that has no answer.
  var saidMessages: [ProtoMessage] {
    (system.map { [MessageInput.message("system", $0)] } ?? []) + messages
  }

  /// How many of the first messages the daemon has as they are here.
  var kept: Int { min(stored?.messages ?? 0, saidMessages.count) }

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

  /// Takes back the last question and its answer.
  mutating func undo() throws(ClientError) {
    if question == nil {
      guard let last = messages.lastIndex(where: { $0.role == "user" }) else {
        throw ClientError(.usage, "nothing has been asked yet that /undo could take back")
      }
      messages.removeSubrange(last...)
    }
    question = nil
  }

  /// Sets or clears the system message.
  mutating func setSystem(_ text: String?) {
    system = text
    // The daemon's first message is another one.
    stored?.messages = 0
  }

  /// Forgets what was said; what the daemon keeps stays there.
  mutating func clear() {
    messages = []
    question = nil
    stored = nil
  }
}

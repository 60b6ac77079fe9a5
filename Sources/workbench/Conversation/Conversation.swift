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
  /// The messages so far, without `system`.
  var messages: [ProtoMessage] = []

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
    request.messages = allMessages
    if let toolsJSON { request.toolsJson = toolsJSON }
    if let variablesJSON { request.variablesJson = variablesJSON }
    if let addGenerationPrompt { request.addGenerationPrompt = addGenerationPrompt }
    if ignoresUnused { request.ignoreUnused = true }
    return request
  }

  private var allMessages: [ProtoMessage] {
    (system.map { [MessageInput.message("system", $0)] } ?? []) + messages
  }
}

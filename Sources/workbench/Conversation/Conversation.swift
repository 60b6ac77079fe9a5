import WorkbenchAPI

/// A conversation as the client holds it: everything that the next request is made of.
struct Conversation: Sendable {
  /// The model that answers.
  var model: String
  /// The template; the model's when nil.
  var template: String?
  /// What the system says first.
  var system: String?
  /// Settings of the next answers.
  var options = ProtoGenerationOptions()
  /// A JSON array of tool definitions.
  var toolsJSON: String?
  /// What was said, without `system`.
  var messages: [ProtoMessage] = []

  /// The request for the next answer.
  var request: ProtoChatRequest {
    var request = ProtoChatRequest()
    request.model = model
    if let template { request.template = template }
    request.messages = allMessages
    if options != ProtoGenerationOptions() { request.options = options }
    if let toolsJSON { request.toolsJson = toolsJSON }
    return request
  }

  /// The request for the text that the model would be fed.
  var renderRequest: ProtoRenderTemplateRequest {
    var request = ProtoRenderTemplateRequest()
    request.model = model
    if let template { request.name = template }
    request.messages = allMessages
    if let toolsJSON { request.toolsJson = toolsJSON }
    return request
  }

  private var allMessages: [ProtoMessage] {
    (system.map { [MessageInput.message("system", $0)] } ?? []) + messages
  }
}

import JSON
import WorkbenchAPI

/// The parameters from which a prompt is rendered.
enum MessageReader {
  /// `messages`, in OpenAI's form; further keys reach the template.
  static func messages(_ parameters: inout Parameters) throws(APIError) -> [ProtoMessage] {
    guard let value = parameters.take("messages") else { throw .invalid("messages", "messages: missing") }
    let messages: [ProtoMessage]
    do throws(MessageJSONError) {
      messages = try MessageJSON.messages(value)
    } catch {
      throw .invalid("messages", error.message)
    }
    guard !messages.isEmpty else { throw .invalid("messages", "messages: at least one is needed") }
    return messages
  }

  /// Tools, template and variables.
  static func rendering(
    _ parameters: inout Parameters, into request: inout ProtoChatRequest
  ) throws(APIError) {
    let tools = try self.tools(&parameters)
    if let tools { request.toolsJson = tools }
    if let name = try parameters.string("template") { request.template = name }
    if let value = try parameters.bool("add_generation_prompt") { request.addGenerationPrompt = value }
    if let value = try variables(&parameters) { request.variablesJson = value }
  }

  /// `tools` as JSON text, unless `tool_choice` is "none".
  static func tools(_ parameters: inout Parameters) throws(APIError) -> String? {
    let tools = parameters.take("tools")
    if let tools, tools.elements == nil { throw parameters.wrong("tools", "an array", tools) }
    var isNone = false
    if let choice = parameters.take("tool_choice") {
      guard let text = choice.string, ["auto", "none"].contains(text) else {
        throw .unsupported(
          "tool_choice",
          "tool_choice: only \"auto\" and \"none\" are supported; a model cannot be forced to call")
      }
      isNone = text == "none"
    }
    guard let tools, !isNone, tools.elements.map({ Array($0).isEmpty }) == false else { return nil }
    return tools.sourceText
  }

  /// `chat_template_kwargs` and `reasoning_effort`, which are variables of the template.
  static func variables(_ parameters: inout Parameters) throws(APIError) -> String? {
    let given = parameters.take("chat_template_kwargs")
    let effort = try parameters.string("reasoning_effort")
    guard given != nil || effort != nil else { return nil }
    if let given, given.members == nil { throw parameters.wrong("chat_template_kwargs", "an object", given) }
    var writer = JSONWriter()
    writer.object { writer in
      if let effort { writer.field("reasoning_effort", effort) }
      if let members = given?.members {
        for (key, value) in members {
          writer.key(key.string ?? "")
          writer.value(value)
        }
      }
    }
    return writer.text
  }
}

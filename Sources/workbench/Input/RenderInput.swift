import JSON
import WorkbenchAPI

/// What a template is rendered with, from JSON: `messages`, `tools`, `add_generation_prompt`, `bos_token`,
/// `eos_token`, and any further key, which becomes a variable of the template.
enum RenderInput {
  /// Adds what a text says to a request.
  static func apply(_ text: String, to request: inout ProtoRenderTemplateRequest) throws(ClientError) {
    let input = try JSONValue.parse(text)
    if input.kind == .array {
      request.messages += try MessageInput.parse(input)
      return
    }
    guard let members = input.members else {
      throw ClientError(.usage, "input: an object or an array of messages is expected, not \(input.typeName)")
    }
    var variables: [(key: JSONValue, value: JSONValue)] = []
    for (key, value) in members {
      switch key.string ?? "" {
      case "messages": request.messages += try MessageInput.parse(value)
      case "tools", "bos_token", "eos_token":
        if !value.isNull { try set(key.string ?? "", value, &request) }
      case "add_generation_prompt":
        guard let flag = value.bool else {
          throw ClientError(
            .usage, "add_generation_prompt: a boolean is expected, not \(value.typeName)")
        }
        request.addGenerationPrompt = flag
      default: variables.append((key, value))
      }
    }
    if !variables.isEmpty { request.variablesJson = object(of: variables) }
  }

  /// Sets what null leaves alone.
  private static func set(
    _ key: String, _ value: JSONValue, _ request: inout ProtoRenderTemplateRequest
  ) throws(ClientError) {
    switch key {
    case "bos_token": request.bosToken = try MessageInput.string(value, key)
    case "eos_token": request.eosToken = try MessageInput.string(value, key)
    default:
      guard value.kind == .array else {
        throw ClientError(.usage, "\(key): an array is expected, not \(value.typeName)")
      }
      request.toolsJson = value.sourceText
    }
  }

  /// An object of these members, keys and values spelled as they were.
  private static func object(of members: [(key: JSONValue, value: JSONValue)]) -> String {
    "{" + members.map { "\($0.key.sourceText):\($0.value.sourceText)" }.joined(separator: ",") + "}"
  }
}

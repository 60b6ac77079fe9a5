import JSON
import WorkbenchAPI

/// A conversation as JSON, which `chat` and `template render` read alike: an array of messages, or an object with
/// `messages`, `tools`, `add_generation_prompt`, `bos_token`, `eos_token`, and any further key, which becomes a variable
/// of the template.
struct ConversationFile {
  /// The messages, oldest first.
  var messages: [ProtoMessage] = []
  /// A JSON array of tool definitions.
  var toolsJSON: String?
  /// Whether the prompt ends with the start of the assistant's turn.
  var addGenerationPrompt: Bool?
  /// The text of BOS for a rendering.
  var bosToken: String?
  /// The text of EOS for a rendering.
  var eosToken: String?
  /// Further variables of the template.
  var variables = TemplateVariables()

  /// An empty conversation.
  init() {}

  /// The conversation that a text describes.
  init(_ text: String) throws(ClientError) {
    let input = try JSONValue.parse(text)
    if input.kind == .array {
      messages = try MessageInput.parse(input)
      return
    }
    guard let members = input.members else {
      throw ClientError(.usage, "input: an object or an array of messages is expected, not \(input.typeName)")
    }
    for (key, value) in members { try set(key, value) }
  }

  /// Takes one key; null leaves what the daemon fills in alone.
  private mutating func set(_ key: JSONValue, _ value: JSONValue) throws(ClientError) {
    let name = key.string ?? ""
    switch name {
    case "messages": messages = try MessageInput.parse(value)
    case "bos_token", "eos_token", "tools":
      guard !value.isNull else { return }
      switch name {
      case "bos_token": bosToken = try MessageInput.string(value, name)
      case "eos_token": eosToken = try MessageInput.string(value, name)
      default:
        guard value.kind == .array else {
          throw ClientError(.usage, "\(name): an array is expected, not \(value.typeName)")
        }
        toolsJSON = value.sourceText
      }
    case "add_generation_prompt":
      guard let flag = value.bool else {
        throw ClientError(.usage, "\(name): a boolean is expected, not \(value.typeName)")
      }
      addGenerationPrompt = flag
    default: variables.set(name, value.sourceText)
    }
  }
}

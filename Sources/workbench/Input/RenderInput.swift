import WorkbenchAPI

/// What a template is rendered with, from JSON: `messages`, `tools`, `add_generation_prompt`, `bos_token`,
/// `eos_token`, and any further key, which becomes a variable of the template.
enum RenderInput {
  /// Adds what a text says to a request.
  static func apply(_ text: String, to request: inout ProtoRenderTemplateRequest) throws(ClientError) {
    let value = try JSONText(parsing: text)
    if case .array = value.kind {
      request.messages += try MessageInput.parse(value)
      return
    }
    guard case .object(let members) = value.kind else {
      throw ClientError(.usage, "input: an object or an array of messages is expected, not \(value.typeName)")
    }
    var variables: [String] = []
    for member in members {
      switch (member.key, member.value.kind) {
      case ("messages", _): request.messages += try MessageInput.parse(member.value)
      case ("tools", .null), ("bos_token", .null), ("eos_token", .null): continue
      case ("tools", .array): request.toolsJson = member.value.source
      case ("tools", _):
        throw ClientError(.usage, "tools: an array is expected, not \(member.value.typeName)")
      case ("add_generation_prompt", .bool(let flag)): request.addGenerationPrompt = flag
      case ("add_generation_prompt", _):
        throw ClientError(
          .usage, "add_generation_prompt: a boolean is expected, not \(member.value.typeName)")
      case ("bos_token", _): request.bosToken = try MessageInput.string(member.value, "bos_token")
      case ("eos_token", _): request.eosToken = try MessageInput.string(member.value, "eos_token")
      default: variables.append("\(JSONText.quote(member.key)):\(member.value.source)")
      }
    }
    if !variables.isEmpty { request.variablesJson = "{\(variables.joined(separator: ","))}" }
  }
}

extension JSONText {
  /// A text as a JSON string.
  static func quote(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

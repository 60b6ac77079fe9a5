import JSON
import SwiftProtobuf
import WorkbenchAPI

/// A body of `/v1/messages` or `/v1/messages/count_tokens`.
struct MessagesRequest {
  /// The call.
  let request: ProtoChatRequest
  /// Whether the answer is streamed.
  let isStreamed: Bool

  /// Reads a body; `counts` leaves out what only an answer needs.
  init(_ body: [UInt8], counts: Bool = false) throws(APIError) {
    var parameters = try Parameters(body: body)
    var request = ProtoChatRequest()
    guard let model = try parameters.string("model") else { throw .invalid("model", "model: missing") }
    request.model = model
    if let system = parameters.take("system") {
      let text = try BlockReader.text(system, "system", &parameters)
      request.messages.append(
        .with {
          $0.role = "system"; $0.content = text
        })
    }
    request.messages += try BlockReader.messages(&parameters)
    if let tools = try Self.tools(&parameters) { request.toolsJson = tools }
    if let name = try parameters.string("template") { request.template = name }
    if let value = try MessageReader.variables(&parameters) { request.variablesJson = value }
    try parameters.object("thinking") { (thinking) throws(APIError) in
      try thinking.fixed("type", "a template's own thinking is set with chat_template_kwargs") {
        $0.string == "disabled"
      }
    }
    var isStreamed = false
    if !counts {
      try SettingsReader.read(&parameters, into: &request.options)
      guard let length = try parameters.int("max_tokens", in: 1...Int(Int32.max)) else {
        throw .invalid("max_tokens", "max_tokens: missing")
      }
      request.options.maxTokens = UInt32(length)
      request.options.stop = try parameters.strings("stop_sequences") ?? []
      isStreamed = try parameters.bool("stream") ?? false
      try parameters.object("metadata") { (metadata) throws(APIError) in _ = try metadata.string("user_id") }
      try parameters.fixed("service_tier", "there is one tier") {
        ["auto", "standard_only"].contains($0.string)
      }
    }
    try parameters.finish()
    self.request = request
    self.isStreamed = isStreamed
  }

  /// `tools` in the form that templates expect, unless `tool_choice` is none.
  private static func tools(_ parameters: inout Parameters) throws(APIError) -> String? {
    let tools = parameters.take("tools")
    var isNone = false
    try parameters.object("tool_choice") { (choice) throws(APIError) in
      let type = try choice.string("type") ?? ""
      guard ["auto", "none"].contains(type) else {
        throw .unsupported(
          "tool_choice", "tool_choice: only auto and none are supported; a model cannot be forced to call")
      }
      isNone = type == "none"
      try choice.fixed("disable_parallel_tool_use", "calls are left to the template and the model") {
        $0.bool == false
      }
    }
    guard let tools else { return nil }
    guard let elements = tools.elements else { throw parameters.wrong("tools", "an array", tools) }
    var failure: APIError?
    var writer = JSONWriter()
    var count = 0
    writer.array { writer in
      for element in elements {
        guard let name = element["name"]?.string, let schema = element["input_schema"], schema.members != nil
        else {
          failure =
            failure
            ?? .invalid(
              "tools", "tools[\(count)]: an object with a name and an input_schema is expected")
          return
        }
        count += 1
        writer.object { writer in
          writer.field("type", "function")
          writer.key("function")
          writer.object { writer in
            writer.field("name", name)
            if let text = element["description"]?.string { writer.field("description", text) }
            writer.key("parameters")
            writer.value(schema)
          }
        }
      }
    }
    if let failure { throw failure }
    return isNone || count == 0 ? nil : writer.text
  }
}

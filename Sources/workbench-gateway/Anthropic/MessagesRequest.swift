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
    if let value = try parameters.bool("ignore_unused") { request.ignoreUnused = value }
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
    var read: [Tool] = []
    for element in elements { read.append(try Tool(element, "tools[\(read.count)]")) }
    guard !isNone, !read.isEmpty else { return nil }
    var writer = JSONWriter()
    writer.array { writer in for tool in read { tool.write(to: &writer) } }
    return writer.text
  }

  /// A tool as a body defines it.
  private struct Tool {
    let name: String
    let description: String?
    let schema: JSONValue

    init(_ value: JSONValue, _ path: String) throws(APIError) {
      var members = try Parameters(value, prefix: path + ".")
      try members.fixed("type", "tools of the server's own do not exist here") { $0.string == "custom" }
      guard let name = try members.string("name"), let schema = members.take("input_schema"),
        schema.members != nil
      else {
        throw .invalid("tools", "\(path): an object with a name and an input_schema is expected")
      }
      self.name = name
      self.schema = schema
      description = try members.string("description")
      // A hint for a cache that finds shared beginnings by itself.
      _ = members.take("cache_control")
      try members.finish()
    }

    /// Writes it in the form that templates expect.
    func write(to writer: inout JSONWriter) {
      writer.object { writer in
        writer.field("type", "function")
        writer.key("function")
        writer.object { writer in
          writer.field("name", name)
          if let description { writer.field("description", description) }
          writer.key("parameters")
          writer.value(schema)
        }
      }
    }
  }
}

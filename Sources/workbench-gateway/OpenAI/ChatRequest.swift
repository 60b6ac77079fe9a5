import JSON
import WorkbenchAPI

/// A body of `/v1/chat/completions`.
struct ChatRequest {
  /// A call for each choice.
  let calls: [GenerationCall]
  /// Whether the answer is streamed.
  let isStreamed: Bool
  /// How the answer is written.
  let form: ChatForm

  /// Reads a body; `onlyModel` is asked where it names no model.
  init(_ body: [UInt8]) throws(APIError) {
    var parameters = try Parameters(body: body)
    var request = ProtoChatRequest()
    guard let model = try parameters.string("model") else { throw .invalid("model", "model: missing") }
    request.model = model
    request.messages = try MessageReader.messages(&parameters)
    try MessageReader.rendering(&parameters, into: &request)
    try SettingsReader.read(&parameters, into: &request.options)
    try Self.readLength(&parameters, into: &request.options)
    request.options.stop = try parameters.strings("stop") ?? []
    let logprobs = try Self.readLogprobs(&parameters, into: &request.options)
    let count = try parameters.int("n", in: 1...Limits.choices) ?? 1
    let stream = try StreamChoice(&parameters)
    try Self.readUsual(&parameters)
    try parameters.finish()
    calls = GenerationCall.chat(request).choices(count)
    isStreamed = stream.isStreamed
    form = ChatForm(model: model, logprobs: logprobs, includesUsage: stream.includesUsage)
  }

  private static func readLength(
    _ parameters: inout Parameters, into options: inout ProtoGenerationOptions
  ) throws(APIError) {
    let range = 1...Int(Int32.max)
    let old = try parameters.int("max_tokens", in: range)
    let new = try parameters.int("max_completion_tokens", in: range)
    if let old, let new, old != new {
      throw .invalid("max_tokens", "max_tokens and max_completion_tokens differ; give one of them")
    }
    if let value = new ?? old { options.maxTokens = UInt32(value) }
  }

  private static func readLogprobs(
    _ parameters: inout Parameters, into options: inout ProtoGenerationOptions
  ) throws(APIError) -> Bool {
    let wanted = try parameters.bool("logprobs") ?? false
    let top = try parameters.int("top_logprobs", in: 0...Limits.topLogprobs)
    if top != nil, !wanted { throw .invalid("top_logprobs", "top_logprobs needs logprobs: true") }
    if wanted { options.topLogprobs = UInt32(top ?? 0) }
    return wanted
  }

  /// What clients send although it asks for nothing: taken where it asks for what happens anyway.
  private static func readUsual(_ parameters: inout Parameters) throws(APIError) {
    try parameters.object("response_format") { (format) throws(APIError) in
      try format.fixed("type", "answers are text") { $0.string == "text" }
    }
    try parameters.fixed("store", "answers are not stored; keep a conversation instead") { $0.bool == false }
    try parameters.fixed("service_tier", "there is one tier") { ["auto", "default"].contains($0.string) }
    try parameters.fixed("modalities", "answers are text") {
      $0.elements.map { Array($0).map(\.string) } == ["text"]
    }
    try parameters.fixed("parallel_tool_calls", "calls are left to the template and the model") {
      $0.bool == true
    }
    // Names of whom a request is for: of no effect on the answer, here as there.
    for name in ["user", "safety_identifier", "prompt_cache_key"] { _ = try parameters.string(name) }
    try parameters.fixed("metadata", "nothing is stored with an answer") {
      $0.members.map { Array($0).isEmpty } ?? false
    }
  }
}

/// `stream` and `stream_options`.
struct StreamChoice {
  /// Whether the answer is streamed.
  var isStreamed = false
  /// Whether the stream ends with a chunk that has the usage.
  var includesUsage = false

  init(_ parameters: inout Parameters) throws(APIError) {
    isStreamed = try parameters.bool("stream") ?? false
    var includes = false
    var isThere = false
    try parameters.object("stream_options") { (options) throws(APIError) in
      isThere = true
      includes = try options.bool("include_usage") ?? false
      // Padding that hides the lengths of tokens from those who watch a network; a stream here has none.
      try options.fixed("include_obfuscation", "streams are not padded") { $0.bool == false }
    }
    if isThere, !isStreamed { throw .invalid("stream_options", "stream_options needs stream: true") }
    includesUsage = includes
  }
}

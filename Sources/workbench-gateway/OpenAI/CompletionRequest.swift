import JSON
import SwiftProtobuf
import WorkbenchAPI

/// A body of `/v1/completions`.
struct CompletionRequest {
  /// A call for each choice: all of the first prompt, then all of the next.
  let calls: [GenerationCall]
  /// Whether the answer is streamed.
  let isStreamed: Bool
  /// How the answer is written.
  let form: CompletionForm

  /// Reads a body.
  init(_ body: [UInt8]) throws(APIError) {
    var parameters = try Parameters(body: body)
    guard let model = try parameters.string("model") else { throw .invalid("model", "model: missing") }
    let prompts = try Self.readPrompts(&parameters)
    var options = ProtoGenerationOptions()
    try SettingsReader.read(&parameters, into: &options)
    let echo = try parameters.bool("echo") ?? false
    let length = try parameters.int("max_tokens", in: 0...Int(Int32.max)).map(UInt32.init)
    guard length != 0 || echo else {
      throw .invalid("max_tokens", "max_tokens is 0, which needs echo: true; there is nothing to answer")
    }
    // One token is the least that can be generated; of a pure echo it is not shown.
    options.maxTokens = max(1, length ?? Limits.completionTokens)
    options.stop = try parameters.strings("stop") ?? []
    let logprobs = try parameters.int("logprobs", in: 0...Limits.topLogprobs).map(UInt32.init)
    if let logprobs { options.topLogprobs = logprobs }
    // Also how a prompt of tokens becomes text.
    if echo, logprobs != nil || prompts.contains(where: \.isTokens) { options.promptLogprobs = logprobs ?? 0 }
    let count = try parameters.int("n", in: 1...Limits.choices) ?? 1
    let stream = try StreamChoice(&parameters)
    if stream.isStreamed, echo { throw .unsupported("echo", "echo is not supported together with stream") }
    let (bos, special) = (try parameters.bool("add_bos"), try parameters.bool("parse_special"))
    try Self.readUsual(&parameters, count)
    try parameters.finish()
    let most = stream.isStreamed ? Limits.choices : Limits.prompts
    guard prompts.count * count <= most else {
      throw .invalid(
        "prompt", "\(prompts.count) prompts with n \(count) are more than the limit of \(most) choices")
    }
    calls = prompts.flatMap { prompt in
      var request = prompt.request
      request.model = model
      request.options = options
      if let bos { request.addBos = bos }
      if let special { request.parseSpecial = special }
      return GenerationCall.generate(request).choices(count)
    }
    isStreamed = stream.isStreamed
    form = CompletionForm(
      model: model, prompts: echo ? prompts : nil, promptChoices: count, hasLogprobs: logprobs != nil,
      isEchoOnly: length == 0, includesUsage: stream.includesUsage)
  }

  /// A prompt as the body gives it.
  enum Prompt: Sendable {
    case text(String)
    case tokens([UInt32])

    /// Whether it is not given as text.
    var isTokens: Bool { if case .tokens = self { true } else { false } }

    /// A call that goes on after it.
    var request: ProtoGenerateRequest {
      .with { request in
        switch self {
        case .text(let text): request.text = text
        case .tokens(let ids): request.tokens = .with { $0.ids = ids }
        }
      }
    }
  }

  /// `prompt`: a text, tokens, or a list of either.
  private static func readPrompts(_ parameters: inout Parameters) throws(APIError) -> [Prompt] {
    guard let value = parameters.take("prompt") else { throw .invalid("prompt", "prompt: missing") }
    if let text = value.string { return [.text(text)] }
    guard let elements = value.elements.map(Array.init), let first = elements.first else {
      throw parameters.wrong("prompt", "a string, a list of token ids, or a list of either", value)
    }
    if first.int != nil { return [.tokens(try ids(elements, "prompt", parameters))] }
    var prompts: [Prompt] = []
    for element in elements {
      let name = "prompt[\(prompts.count)]"
      if let text = element.string {
        prompts.append(.text(text))
      } else if let inner = element.elements {
        prompts.append(.tokens(try ids(Array(inner), name, parameters)))
      } else {
        throw parameters.wrong(name, "a string or a list of token ids", element)
      }
    }
    return prompts
  }

  private static func ids(
    _ elements: [JSONValue], _ name: String, _ parameters: Parameters
  ) throws(APIError) -> [UInt32] {
    var ids: [UInt32] = []
    for element in elements {
      guard let id = element.int.flatMap(UInt32.init(exactly:)) else {
        throw parameters.wrong("\(name)[\(ids.count)]", "the id of a token", element)
      }
      ids.append(id)
    }
    return ids
  }

  private static func readUsual(_ parameters: inout Parameters, _ count: Int) throws(APIError) {
    try parameters.fixed("best_of", "every answer is returned, so it can only equal n") { $0.int == count }
    try parameters.fixed("suffix", "texts are only continued at their end") { $0.string == "" }
    _ = try parameters.string("user")
  }
}

import Foundation
import Runtime
import Sampling
import SwiftProtobuf
import Tokens
import WorkbenchAPI

// MARK: Requests

extension GenerationOptions {
  init(_ message: ProtoGenerationOptions) throws {
    self.init()
    if message.hasMaxTokens { maxTokens = Int(message.maxTokens) }
    stop = message.stop
    if message.hasTopLogprobs { topLogprobs = Int(message.topLogprobs) }
    ignoreEnd = message.ignoreEnd
    trace = message.trace
    if message.hasPreset { presetName = message.preset }
    sampling = try SamplerSettings(message.sampling)
  }
}

extension ProtoGenerationOptions {
  init(_ options: GenerationOptions) {
    self.init()
    if let value = options.maxTokens { maxTokens = UInt32(clamping: value) }
    stop = options.stop
    if let value = options.topLogprobs { topLogprobs = UInt32(clamping: value) }
    if options.ignoreEnd { ignoreEnd = true }
    if options.trace { trace = true }
    sampling = ProtoSamplerSettings(options.sampling)
  }
}

extension PromptInput {
  init(_ request: ProtoChatRequest) throws {
    self.init(
      messages: try Self.messages(request.messages),
      toolsJSON: request.hasToolsJson ? request.toolsJson : nil,
      variablesJSON: request.hasVariablesJson ? request.variablesJson : nil,
      addGenerationPrompt: request.hasAddGenerationPrompt ? request.addGenerationPrompt : true)
  }
}

extension GenerateJob {
  init(_ request: ProtoGenerateRequest) throws {
    let prompt: Prompt
    switch request.prompt {
    case .text(let text):
      prompt = .text(
        text, parseSpecial: request.parseSpecial, addBOS: request.hasAddBos ? request.addBos : nil)
    case .tokens(let tokens):
      prompt = .tokens(try tokens.ids.map { try TokenID(checked: $0, field: "tokens.ids") })
    case nil:
      throw WorkbenchError(.invalidArgument, "a prompt is expected: text or tokens", field: "prompt")
    }
    self.init(model: request.model, prompt: prompt, options: try GenerationOptions(request.options))
  }
}

extension ProtoGenerateRequest {
  init(_ job: GenerateJob) {
    self.init()
    model = job.model
    options = ProtoGenerationOptions(job.options)
    switch job.prompt {
    case .text(let text, let parseSpecial, let addBOS):
      self.text = text
      self.parseSpecial = parseSpecial
      if let addBOS { addBos = addBOS }
    case .tokens(let ids):
      tokens.ids = ids.map { UInt32(bitPattern: $0.rawValue) }
    }
  }
}

extension WorkerChatJob {
  init(_ job: ChatJob) {
    self.init()
    request.model = job.model
    request.messages = job.input.messages.map { ProtoMessage($0) }
    request.options = ProtoGenerationOptions(job.options)
    if let tools = job.input.toolsJSON { request.toolsJson = tools }
    if let variables = job.input.variablesJSON { request.variablesJson = variables }
    request.addGenerationPrompt = job.input.addGenerationPrompt
    template = WorkerTemplateSource(job.template)
    if let value = job.options.preset { preset = WorkerPreset(value) }
  }
}

extension ChatJob {
  init(_ job: WorkerChatJob) throws {
    self.init(
      model: job.request.model, input: try PromptInput(job.request),
      template: try TemplateSource(job.template),
      options: try GenerationOptions(job.request.options))
    if job.hasPreset { options.preset = try SamplerPreset(job.preset) }
  }
}

extension WorkerGenerateJob {
  init(_ job: GenerateJob) {
    self.init()
    request = ProtoGenerateRequest(job)
    if let value = job.options.preset { preset = WorkerPreset(value) }
  }
}

extension GenerateJob {
  init(_ job: WorkerGenerateJob) throws {
    try self.init(job.request)
    if job.hasPreset { options.preset = try SamplerPreset(job.preset) }
  }
}

// MARK: Answers

extension ProtoGenerationResponse {
  init(_ event: GenerationEvent) {
    self.init()
    switch event {
    case .start(let value): start = ProtoGenerationStart(value)
    case .chunk(let chunk):
      tokens = chunk.tokens.map { ProtoGeneratedToken($0) }
      text = chunk.text
    case .finish(let value): finish = ProtoGenerationFinish(value)
    }
  }
}

extension GenerationEvent {
  init(_ response: ProtoGenerationResponse) throws {
    if response.hasStart {
      self = .start(
        GenerationStart(
          model: response.start.model, template: response.start.template,
          templateVersion: Int(response.start.templateVersion),
          promptTokens: Int(response.start.promptTokens), seed: response.start.seed))
    } else if response.hasFinish {
      self = .finish(try GenerationFinish(response.finish))
    } else {
      self = .chunk(GenerationChunk(tokens: response.tokens.map { GeneratedToken($0) }, text: response.text))
    }
  }
}

extension ProtoGenerationStart {
  init(_ start: GenerationStart) {
    self.init()
    model = start.model
    template = start.template
    templateVersion = UInt32(clamping: start.templateVersion)
    promptTokens = UInt32(clamping: start.promptTokens)
    seed = start.seed
  }
}

extension ProtoGeneratedToken {
  init(_ token: GeneratedToken) {
    self.init()
    id = UInt32(bitPattern: token.id.rawValue)
    bytes = .init(token.bytes)
    special = token.isSpecial
    if let value = token.logprob { logprob = value }
    alternatives = token.alternatives.map { ProtoTokenAlternative($0) }
    if let value = token.trace { trace = ProtoSamplingTrace(value) }
  }
}

extension GeneratedToken {
  init(_ token: ProtoGeneratedToken) {
    self.init(
      id: TokenID(rawValue: Int32(bitPattern: token.id)), bytes: [UInt8](token.bytes),
      isSpecial: token.special,
      logprob: token.hasLogprob ? token.logprob : nil,
      alternatives: token.alternatives.map { Alternative($0) },
      trace: token.hasTrace ? TokenTrace(token.trace) : nil)
  }
}

extension ProtoTokenAlternative {
  init(_ alternative: GeneratedToken.Alternative) {
    self.init()
    id = UInt32(bitPattern: alternative.id.rawValue)
    bytes = .init(alternative.bytes)
    logprob = alternative.logprob
  }
}

extension GeneratedToken.Alternative {
  init(_ message: ProtoTokenAlternative) {
    self.init(
      id: TokenID(rawValue: Int32(bitPattern: message.id)), bytes: [UInt8](message.bytes),
      logprob: message.logprob)
  }
}

extension ProtoGenerationFinish {
  init(_ finish: GenerationFinish) {
    self.init()
    reason = ProtoFinishReason(finish.reason)
    rule = finish.rule
    promptTokens = UInt32(clamping: finish.promptTokens)
    cachedTokens = UInt32(clamping: finish.cachedTokens)
    generatedTokens = UInt32(clamping: finish.generatedTokens)
    timings.queue = Google_Protobuf_Duration(finish.queue)
    timings.prefill = Google_Protobuf_Duration(finish.prefill)
    timings.decode = Google_Protobuf_Duration(finish.decode)
    settings = finish.settings.map { setting in
      var message = ProtoEffectiveSetting()
      message.name = setting.name
      message.value = setting.value
      message.source = ProtoSettingSource(setting.source)
      message.sourceName = setting.sourceName
      return message
    }
    if let value = finish.trace { trace = ProtoSamplingTrace(value) }
  }
}

extension GenerationFinish {
  init(_ message: ProtoGenerationFinish) throws {
    guard let reason = Reason(message.reason) else {
      throw WorkbenchError(.internal, "an answer that ended for no reason")
    }
    self.init(
      reason: reason, rule: message.rule, promptTokens: Int(message.promptTokens),
      cachedTokens: Int(message.cachedTokens), generatedTokens: Int(message.generatedTokens),
      queue: Duration(message.timings.queue), prefill: Duration(message.timings.prefill),
      decode: Duration(message.timings.decode),
      settings: try message.settings.map {
        Setting(
          name: $0.name, value: $0.value, source: try SettingSource($0.source), sourceName: $0.sourceName)
      }, trace: message.hasTrace ? TokenTrace(message.trace) : nil)
  }
}

extension Duration {
  fileprivate init(_ message: Google_Protobuf_Duration) {
    self = .seconds(message.seconds) + .nanoseconds(Int64(message.nanos))
  }
}

extension ProtoFinishReason {
  fileprivate init(_ reason: GenerationFinish.Reason) {
    self =
      switch reason {
      case .end: .end
      case .stop: .stop
      case .maxTokens: .maxTokens
      case .contextFull: .contextFull
      }
  }
}

extension GenerationFinish.Reason {
  fileprivate init?(_ reason: ProtoFinishReason) {
    switch reason {
    case .end: self = .end
    case .stop: self = .stop
    case .maxTokens: self = .maxTokens
    case .contextFull: self = .contextFull
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }
}

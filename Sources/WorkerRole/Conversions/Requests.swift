import Chat
import Pipeline
import Runtime
import Sampling
import Tokens
import WorkbenchAPI
import WorkerProtocol

// Requests of the API, with what the daemon looked up for them, as the pipeline takes them.

extension ChatJob {
  init(_ job: WorkerJob) throws {
    let request = try job.decoded(ProtoChatRequest.self)
    let profile = job.hasProfile ? Profile(job.profile) : nil
    let input = try PromptInput(
      request.messages, tools: request.hasToolsJson ? request.toolsJson : nil,
      variables: request.hasVariablesJson ? request.variablesJson : nil,
      addGenerationPrompt: request.hasAddGenerationPrompt ? request.addGenerationPrompt : nil,
      profile, ignoresUnused: request.ignoreUnused)
    var options = try GenerationOptions(request.options, job)
    if let profile { options.apply(profile, to: input, of: request) }
    self.init(
      model: request.model, input: input, template: try TemplateSource(job.template), options: options)
  }
}

extension GenerateJob {
  init(_ job: WorkerJob) throws {
    let request = try job.decoded(ProtoGenerateRequest.self)
    let prompt: Prompt
    switch request.prompt {
    case .text(let text):
      prompt = .text(
        text, parseSpecial: request.parseSpecial, addBOS: request.hasAddBos ? request.addBos : nil)
    case .tokens(let tokens):
      prompt = .tokens(try tokens.ids.map { try TokenID(checked: $0, field: "tokens.ids") })
    case nil:
      throw WorkbenchError(.invalidArgument, "the prompt is missing: give text or tokens", field: "prompt")
    }
    self.init(model: request.model, prompt: prompt, options: try GenerationOptions(request.options, job))
  }
}

extension RenderJob {
  init(_ job: WorkerJob) throws {
    let request = try job.decoded(ProtoRenderTemplateRequest.self)
    self.init(
      input: try PromptInput(
        request.messages, tools: request.hasToolsJson ? request.toolsJson : nil,
        variables: request.hasVariablesJson ? request.variablesJson : nil,
        addGenerationPrompt: request.hasAddGenerationPrompt ? request.addGenerationPrompt : nil,
        job.hasProfile ? Profile(job.profile) : nil, ignoresUnused: request.ignoreUnused),
      template: try TemplateSource(job.template),
      bosToken: request.hasBosToken ? request.bosToken : nil,
      eosToken: request.hasEosToken ? request.eosToken : nil)
  }
}

extension PromptInput {
  /// - Parameter field: The path of the messages in the request.
  init(
    _ messages: [ProtoMessage], field: String = "messages", tools: String?, variables: String?,
    addGenerationPrompt: Bool?, _ profile: Profile?, ignoresUnused: Bool
  ) throws {
    self.init(
      messages: try messages.enumerated().map { try Message($1, field: "\(field)[\($0)]") },
      toolsJSON: tools, variablesJSON: variables,
      addGenerationPrompt: addGenerationPrompt ?? profile?.addGenerationPrompt ?? true,
      ignoresUnused: ignoresUnused)
    guard let system = profile?.system, !self.messages.contains(where: { $0.role == "system" }) else {
      return
    }
    self.messages.insert(Message(role: "system", content: system), at: 0)
  }
}

extension GenerationOptions {
  fileprivate init(_ message: ProtoGenerationOptions, _ job: WorkerJob) throws {
    self.init()
    if message.hasMaxTokens { maxTokens = Int(message.maxTokens) }
    stop = message.stop
    if message.hasTopLogprobs { topLogprobs = Int(message.topLogprobs) }
    if message.hasPromptLogprobs { promptLogprobs = Int(message.promptLogprobs) }
    ignoreEnd = message.ignoreEnd
    trace = message.trace
    sampling = try SamplerSettings(message.sampling)
    if job.hasPreset { preset = try SamplerPreset(job.preset) }
    if job.hasProfile { apply(Profile(job.profile)) }
  }
}

import Runtime
import Tokens
import WorkbenchAPI

extension WorkerTemplateSource {
  init(_ template: TemplateSource) {
    self.init()
    name = template.name
    source = template.source
    stop = template.stop
    origin = template.origin.rawValue
    summary = template.summary
    addsBos = template.addsBOS
  }
}

extension TemplateSource {
  init(_ message: WorkerTemplateSource) throws {
    guard let origin = Origin(rawValue: message.origin) else {
      throw WorkbenchError(.internal, "a template of the unknown origin \"\(message.origin)\"")
    }
    self.init(
      name: message.name, source: message.source, stop: message.stop, origin: origin, summary: message.summary
    )
    addsBOS = message.addsBos
  }
}

extension ProtoTemplate {
  init(_ template: TemplateSource) {
    self.init()
    name = template.name
    summary = template.summary
    origin = template.origin.rawValue
    stop = template.stop
  }
}

extension PromptInput {
  init(_ request: ProtoRenderTemplateRequest) throws {
    self.init(
      messages: try Self.messages(request.messages),
      toolsJSON: request.hasToolsJson ? request.toolsJson : nil,
      variablesJSON: request.hasVariablesJson ? request.variablesJson : nil,
      addGenerationPrompt: request.hasAddGenerationPrompt ? request.addGenerationPrompt : true)
  }
}

extension WorkerRenderJob {
  init(_ job: RenderJob) {
    self.init()
    request.messages = job.input.messages.map { ProtoMessage($0) }
    if let tools = job.input.toolsJSON { request.toolsJson = tools }
    if let variables = job.input.variablesJSON { request.variablesJson = variables }
    request.addGenerationPrompt = job.input.addGenerationPrompt
    if let bos = job.bosToken { request.bosToken = bos }
    if let eos = job.eosToken { request.eosToken = eos }
    template = WorkerTemplateSource(job.template)
  }
}

extension RenderJob {
  init(_ job: WorkerRenderJob) throws {
    self.init(
      input: try PromptInput(job.request), template: try TemplateSource(job.template),
      bosToken: job.request.hasBosToken ? job.request.bosToken : nil,
      eosToken: job.request.hasEosToken ? job.request.eosToken : nil)
  }
}

extension ProtoRenderTemplateResponse {
  init(_ rendered: RenderedText) {
    self.init()
    text = rendered.text
    tokenIds = rendered.tokens.map { UInt32(bitPattern: $0.rawValue) }
    spans = rendered.spans.map { span in
      var message = ProtoPromptSpan()
      message.begin = UInt32(clamping: span.range.lowerBound)
      message.end = UInt32(clamping: span.range.upperBound)
      message.origin = span.origin
      return message
    }
  }
}

extension RenderedText {
  init(_ response: ProtoRenderTemplateResponse) throws {
    let spans = try response.spans.map { span in
      guard span.begin <= span.end else {
        throw WorkbenchError(.internal, "a span that ends before it begins")
      }
      return Span(range: Int(span.begin)..<Int(span.end), origin: span.origin)
    }
    self.init(
      text: response.text, spans: spans,
      tokens: response.tokenIds.map { TokenID(rawValue: Int32(bitPattern: $0)) })
  }
}

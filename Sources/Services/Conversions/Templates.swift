import Host
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
    version = UInt32(clamping: template.version)
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
    version = Int(message.version)
  }
}

extension ProtoTemplate {
  init(_ record: TemplateRecord) {
    self.init()
    name = record.template.name
    summary = record.template.summary
    origin = record.template.origin.rawValue
    stop = record.template.stop
    version = UInt32(clamping: record.template.version)
    versions = record.versions.map { UInt32(clamping: $0) }
    problem = record.problem
  }
}

extension ProtoTemplateFinding {
  init(_ finding: TemplateFinding) {
    self.init()
    severity =
      switch finding.severity {
      case .error: .error
      case .warning: .warning
      case .note: .note
      }
    rule = finding.rule
    message = finding.message
    guard let place = finding.place else { return }
    line = UInt32(clamping: place.line)
    column = UInt32(clamping: place.column)
    excerpt = place.excerpt
  }
}

extension TemplateFinding {
  init(_ finding: ProtoTemplateFinding) throws {
    let severity: Severity
    switch finding.severity {
    case .error: severity = .error
    case .warning: severity = .warning
    case .note: severity = .note
    case .unspecified, .UNRECOGNIZED: throw WorkbenchError(.internal, "a finding without a severity")
    }
    self.init(severity, rule: finding.rule, finding.message)
    if finding.line > 0 {
      place = Place(line: Int(finding.line), column: Int(finding.column), excerpt: finding.excerpt)
    }
  }
}

extension WorkerCheckedTemplate {
  init(_ report: TemplateReport) {
    self.init()
    summary = report.summary
    stop = report.stop
    findings = report.findings.map { ProtoTemplateFinding($0) }
  }
}

extension TemplateReport {
  init(_ checked: WorkerCheckedTemplate) throws {
    self.init(
      summary: checked.summary, stop: checked.stop,
      findings: try checked.findings.map { try TemplateFinding($0) })
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
      message.specialSpellings = span.specialSpellings.map { range in
        var spelling = ProtoByteRange()
        spelling.begin = UInt32(clamping: range.lowerBound)
        spelling.end = UInt32(clamping: range.upperBound)
        return spelling
      }
      return message
    }
  }
}

extension RenderedText {
  init(_ response: ProtoRenderTemplateResponse) throws {
    func range(_ begin: UInt32, _ end: UInt32) throws -> Range<Int> {
      guard begin <= end else { throw WorkbenchError(.internal, "a span that ends before it begins") }
      return Int(begin)..<Int(end)
    }
    let spans = try response.spans.map { span in
      Span(
        range: try range(span.begin, span.end), origin: span.origin,
        specialSpellings: try span.specialSpellings.map { try range($0.begin, $0.end) })
    }
    self.init(
      text: response.text, spans: spans,
      tokens: response.tokenIds.map { TokenID(rawValue: Int32(bitPattern: $0)) })
  }
}

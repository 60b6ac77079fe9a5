public import Runtime
public import WorkbenchAPI

extension WorkerTemplateSource {
  /// A template on its way to a worker, or a checkpoint's own on its way to the daemon.
  public init(_ template: TemplateSource) {
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
  /// The template that the other side sent.
  public init(_ message: WorkerTemplateSource) throws {
    guard let origin = Origin(rawValue: message.origin) else {
      throw WorkbenchError(.internal, "a template has the unknown origin '\(message.origin)'")
    }
    self.init(
      name: message.name, source: message.source, stop: message.stop, origin: origin, summary: message.summary
    )
    addsBOS = message.addsBos
    version = Int(message.version)
  }
}

extension WorkerCheckedTemplate {
  /// A report on its way to the daemon.
  public init(_ report: TemplateReport) {
    self.init()
    summary = report.summary
    stop = report.stop
    findings = report.findings.map { ProtoTemplateFinding($0) }
  }
}

extension TemplateReport {
  /// The report that a worker sent.
  public init(_ checked: WorkerCheckedTemplate) throws {
    self.init(
      summary: checked.summary, stop: checked.stop,
      findings: try checked.findings.map { try TemplateFinding($0) })
  }
}

extension ProtoTemplateFinding {
  /// A finding as a client sees it; line 0 without a place.
  public init(_ finding: TemplateFinding) {
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
  fileprivate init(_ finding: ProtoTemplateFinding) throws {
    let severity: Severity
    switch finding.severity {
    case .error: severity = .error
    case .warning: severity = .warning
    case .note: severity = .note
    case .unspecified, .UNRECOGNIZED:
      throw WorkbenchError(.internal, "a template finding has no severity")
    }
    self.init(severity, rule: finding.rule, finding.message)
    if finding.line > 0 {
      place = Place(line: Int(finding.line), column: Int(finding.column), excerpt: finding.excerpt)
    }
  }
}

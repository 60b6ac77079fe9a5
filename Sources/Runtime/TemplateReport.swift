/// What a check of a template found.
public struct TemplateReport: Sendable, Equatable {
  /// One line on what it is for, out of its front matter.
  public var summary: String
  /// Texts that end a turn, out of its front matter.
  public var stop: [String]
  /// Errors first, then warnings and notes.
  public var findings: [TemplateFinding]

  /// A report.
  public init(summary: String = "", stop: [String] = [], findings: [TemplateFinding] = []) {
    self.summary = summary
    self.stop = stop
    self.findings = findings
  }

  /// Why the template cannot be used; nil when it can.
  public var error: TemplateFinding? { findings.first { $0.severity == .error } }
}

/// One thing that a check of a template found.
public struct TemplateFinding: Sendable, Equatable {
  /// How bad it is.
  public enum Severity: Int, Sendable, CaseIterable {
    /// The template cannot be used.
    case error
    /// The model will probably not get what the template's author meant.
    case warning
    /// Good to know.
    case note
  }

  /// A place in the source.
  public struct Place: Sendable, Equatable {
    /// From 1.
    public var line: Int
    /// From 1, in code points.
    public var column: Int
    /// The source line with a caret under the place.
    public var excerpt: String

    /// A place.
    public init(line: Int, column: Int, excerpt: String) {
      self.line = line
      self.column = column
      self.excerpt = excerpt
    }
  }

  /// How bad it is.
  public var severity: Severity
  /// The rule by name, "role-dropped".
  public var rule: String
  /// What is wrong and what would be right.
  public var message: String
  /// The place in the source; nil for a finding about the whole template.
  public var place: Place?

  /// A finding.
  public init(_ severity: Severity, rule: String, _ message: String, place: Place? = nil) {
    self.severity = severity
    self.rule = rule
    self.message = message
    self.place = place
  }
}

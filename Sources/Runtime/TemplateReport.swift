/// The result of a template check.
public struct TemplateReport: Sendable, Equatable {
  /// Description from the front matter; empty without one.
  public var summary: String
  /// Stop strings from the front matter.
  public var stop: [String]
  /// Errors first, then warnings and notes.
  public var findings: [TemplateFinding]

  /// The findings of a check, with the front matter's description and stop strings.
  public init(summary: String = "", stop: [String] = [], findings: [TemplateFinding] = []) {
    self.summary = summary
    self.stop = stop
    self.findings = findings
  }

  /// Why the template cannot be used; nil when it can.
  public var error: TemplateFinding? { findings.first { $0.severity == .error } }
}

/// One finding of a template check.
public struct TemplateFinding: Sendable, Equatable {
  /// The rule that a template renders a single user message.
  public static let rendering = "render-fails"
  /// The rule that the template's name is valid.
  public static let name = "name"

  /// How serious a finding is.
  public enum Severity: Int, Sendable, CaseIterable {
    /// The template cannot be used.
    case error
    /// The model probably does not receive what the author meant.
    case warning
    /// Worth knowing.
    case note
  }

  /// A place in the source.
  public struct Place: Sendable, Equatable {
    /// Line number, from 1.
    public var line: Int
    /// Column in code points, from 1.
    public var column: Int
    /// The source line with a caret under the place.
    public var excerpt: String

    /// A position with its source line.
    public init(line: Int, column: Int, excerpt: String) {
      self.line = line
      self.column = column
      self.excerpt = excerpt
    }
  }

  /// How serious it is.
  public var severity: Severity
  /// Name of the rule, such as "role-dropped".
  public var rule: String
  /// What is wrong, and how to fix it.
  public var message: String
  /// The place in the source; nil for a finding about the whole template.
  public var place: Place?

  /// A finding of `rule`.
  public init(_ severity: Severity, rule: String, _ message: String, place: Place? = nil) {
    self.severity = severity
    self.rule = rule
    self.message = message
    self.place = place
  }
}

/// The template that a request selects.
public enum TemplateChoice: Sendable {
  /// The model's default.
  case modelDefault
  /// One by name.
  case named(String)
  /// A source sent with the request.
  case source(String)
}

/// The content of a new version of a template.
public enum TemplateContent: Sendable {
  /// A text: a Jinja source with optional front matter.
  case source(String)
  /// The text of a kept version of the same name.
  case version(Int)
}

/// Which template a request means.
public enum TemplateChoice: Sendable {
  /// The model's own choice.
  case modelDefault
  /// One by name.
  case named(String)
  /// A source that came with the request.
  case source(String)
}

/// What a new version of a template is to be.
public enum TemplateContent: Sendable {
  /// This text: front matter, if any, and a Jinja source.
  case source(String)
  /// What a kept version of the same name has.
  case version(Int)
}

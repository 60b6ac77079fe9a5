public import Runtime

/// A template as the host knows it.
public struct TemplateRecord: Sendable {
  /// The version in use.
  public var template: TemplateSource
  /// The versions that are kept, ascending.
  public var versions: [Int]
  /// Why the newest edit of its file was refused; empty if it was not.
  public var problem: String
}

/// The templates that a request may name, and the one that a model's chats use.
public struct TemplateList: Sendable {
  /// The templates: the model's own first.
  public var templates: [TemplateRecord]
  /// The name of the model's default; empty without a model or a default.
  public var modelTemplate: String
}

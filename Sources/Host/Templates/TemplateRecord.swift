public import Runtime

/// A template as the host knows it.
public struct TemplateRecord: Sendable {
  /// The version in use.
  public var template: TemplateSource
  /// The versions that are kept, ascending.
  public var versions: [Int]
  /// Why the newest edit of its file was not taken; empty when there is nothing to say.
  public var problem: String
}

/// A template and whether it is the one that a model's chats use.
public struct TemplateList: Sendable {
  /// The templates: the model's own first.
  public var templates: [TemplateRecord]
  /// The name of the model's choice; empty without a model or a choice.
  public var modelTemplate: String
}

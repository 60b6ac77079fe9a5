public import Runtime

/// The templates of one name as the state file keeps them.
public struct StoredTemplate: Sendable, Equatable {
  /// The name.
  public var name: String
  /// The last number that a version of it had.
  public var newest: Int
  /// The text of its file in a plugin folder that was taken last, whether or not it is still in use; nil: none.
  public var fileText: String?
  /// The versions that are kept, ascending; empty if it was removed.
  public var versions: [TemplateSource]

  /// The templates of `name`.
  public init(name: String, newest: Int, fileText: String?, versions: [TemplateSource]) {
    self.name = name
    self.newest = newest
    self.fileText = fileText
    self.versions = versions
  }
}

/// Every template of the state file.
public struct StoredTemplates: Sendable, Equatable {
  /// The names, in the order in which they were first used.
  public var templates: [StoredTemplate]
  /// What cannot be read, each with its reason; it stays in the file.
  public var unreadable: [String]
}

public import Runtime

/// A model as the host knows it.
public struct ModelRecord: Sendable {
  /// Whether requests can use it now.
  public enum State: Sendable {
    /// The worker is starting or reading the file.
    case loading
    /// Requests can use it.
    case ready
    /// The worker died; the next request starts a fresh one.
    case down
  }

  /// The name in requests.
  public var name: String
  /// The file and how it was loaded.
  public var source: ModelSource
  /// Whether requests can use it now.
  public var state: State
  /// What the worker said of it.
  public var description: ModelDescription
  /// The template of its chats, empty when there is none.
  public var template: String
  /// The sampler preset of requests that leave the choice; empty when there is none.
  public var preset: String
  /// The worker's process; 0 when there is none.
  public var processID: Int32
  /// Fresh workers started after a death.
  public var restarts: Int
  /// How the last worker ended; empty when none did.
  public var lastFailure: String
  /// Seconds since 1970 at the end of the first load.
  public var loadedAt: Double
}

/// Whose tokenizer a request means.
public enum TokenizerChoice: Sendable {
  /// A loaded model's.
  case model(String)
  /// A file's on this machine, or a plugin's by its name.
  case tokenizer(String)
}

/// Which template a request means.
public enum TemplateChoice: Sendable {
  /// The model's own choice.
  case modelDefault
  /// One by name.
  case named(String)
  /// A source that came with the request.
  case source(String)
}

/// A template as the host knows it.
public struct TemplateRecord: Sendable {
  /// The version in use.
  public var template: TemplateSource
  /// The versions that are kept, ascending.
  public var versions: [Int]
  /// Why the newest edit of its file was not taken; empty when there is nothing to say.
  public var problem: String
}

/// What a new version of a template is to be.
public enum TemplateContent: Sendable {
  /// This text: front matter, if any, and a Jinja source.
  case source(String)
  /// What a kept version of the same name has.
  case version(Int)
}

/// A template and whether it is the one that a model's chats use.
public struct TemplateList: Sendable {
  /// The templates: the model's own first.
  public var templates: [TemplateRecord]
  /// The name of the model's choice; empty without a model or a choice.
  public var modelTemplate: String
}

/// A prompt template as text: compiled only in workers, because the source may be hostile.
public struct TemplateSource: Sendable, Equatable {
  /// Where a template comes from.
  public enum Origin: String, Sendable {
    /// Ships with Workbench.
    case builtIn = "built-in"
    /// Part of the model file.
    case checkpoint
    /// A file in a plugin folder.
    case plugin
    /// Code in a plugin library; there is no source.
    case library
    /// Put there by a client at run time.
    case client
    /// Came with the request.
    case request
  }

  /// The name in requests; for a checkpoint's own, "default" or the variant's name.
  public var name: String
  /// Front matter, if any, and the Jinja source.
  public var source: String
  /// Texts that end a turn.
  public var stop: [String]
  /// Where it comes from.
  public var origin: Origin
  /// One line on what it is for.
  public var summary: String
  /// Whether the tokenizer's BOS is put in front of a prompt that does not begin with it.
  ///
  /// False for a checkpoint's own template, which writes its whole prompt, BOS included, as with transformers'
  /// `apply_chat_template`.
  public var addsBOS: Bool
  /// Counts the versions of a name, from 1.
  public var version = 1

  /// A first version.
  public init(name: String, source: String, stop: [String] = [], origin: Origin, summary: String = "") {
    addsBOS = origin != .checkpoint
    self.name = name
    self.source = source
    self.stop = stop
    self.origin = origin
    self.summary = summary
  }
}

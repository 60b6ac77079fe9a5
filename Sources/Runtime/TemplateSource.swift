/// A prompt template as text: compiled only in workers, because the source may be hostile.
public struct TemplateSource: Sendable, Equatable {
  /// Where a template comes from.
  public enum Origin: String, Sendable {
    /// Ships with Workbench.
    case builtIn = "built-in"
    /// A template in the model file.
    case checkpoint
    /// A file in a plugin folder.
    case plugin
    /// Code in a plugin library; there is no source.
    case library
    /// Put by a client at run time.
    case client
    /// Sent with the request.
    case request
  }

  /// The name in requests; for a template of a model file, "default" or the variant's name.
  public var name: String
  /// Front matter, if any, and the Jinja source.
  public var source: String
  /// Stop strings: texts that end a turn.
  public var stop: [String]
  /// Where it comes from.
  public var origin: Origin
  /// One-line description.
  public var summary: String
  /// Whether the tokenizer's BOS is put in front of a prompt that does not begin with it.
  ///
  /// False for a template of a model file, which writes its whole prompt, BOS included, as with transformers'
  /// `apply_chat_template`.
  public var addsBOS: Bool
  /// Number of this version of the name, from 1.
  public var version = 1

  /// The first version of a template.
  public init(name: String, source: String, stop: [String] = [], origin: Origin, summary: String = "") {
    addsBOS = origin != .checkpoint
    self.name = name
    self.source = source
    self.stop = stop
    self.origin = origin
    self.summary = summary
  }
}

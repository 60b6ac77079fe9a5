/// A loaded model: what the daemon needs to know of it, and its worker's own description.
public struct LoadedModel: Sendable, Equatable {
  /// The file's `general.name`; empty without one.
  public var title = ""
  /// The tokenizer's name, "gpt2/smollm".
  public var tokenizer = ""
  /// Number of tokens in the vocabulary.
  public var vocabularySize = 0
  /// The templates that the checkpoint carries; the first is its own choice.
  public var templates: [TemplateSource] = []
  /// A `workbench.v1.GetModelResponse` with what the worker knows: the model's facts and the file's metadata.
  public var description = EncodedMessage([UInt8]())

  /// Nothing known yet.
  public init() {}
}

/// A loaded model: the facts that the daemon needs, and its worker's full description.
public struct LoadedModel: Sendable, Equatable {
  /// `general.name` of the file; empty if it has none.
  public var title = ""
  /// The tokenizer's name, such as "gpt2/smollm".
  public var tokenizer = ""
  /// Number of tokens in the vocabulary.
  public var vocabularySize = 0
  /// The templates in the model file; the first is its default.
  public var templates: [TemplateSource] = []
  /// What the files were when they were opened; only workers can read it.
  public var fileState = ""
  /// A `workbench.v1.GetModelResponse` with the model's facts and the file's metadata.
  public var description = EncodedMessage([UInt8]())

  /// A model of which nothing is known yet.
  public init() {}
}

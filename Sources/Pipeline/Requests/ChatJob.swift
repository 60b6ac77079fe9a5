public import Runtime

/// A conversation to answer.
public struct ChatJob: Sendable {
  /// The model's name, reported at the start of the answer.
  public var model: String
  /// What the template is given.
  public var input: PromptInput
  /// The template, in the version that this request started with.
  public var template: TemplateSource
  /// How to generate.
  public var options: GenerationOptions

  /// A request for an answer.
  public init(model: String, input: PromptInput, template: TemplateSource, options: GenerationOptions) {
    self.model = model
    self.input = input
    self.template = template
    self.options = options
  }
}

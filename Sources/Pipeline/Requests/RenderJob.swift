public import Runtime

/// A conversation to render without generating.
public struct RenderJob: Sendable {
  /// What the template is given.
  public var input: PromptInput
  /// The template.
  public var template: TemplateSource
  /// The text of BOS; nil: the model's, or none without a model.
  public var bosToken: String?
  /// The text of EOS; nil: the model's, or none without a model.
  public var eosToken: String?

  /// A request for a prompt.
  public init(input: PromptInput, template: TemplateSource, bosToken: String? = nil, eosToken: String? = nil)
  {
    self.input = input
    self.template = template
    self.bosToken = bosToken
    self.eosToken = eosToken
  }
}

/// What was set for a model, by its name; a setting that is empty was reset to the model's own, and nil was never set.
public struct ModelSettings: Sendable, Equatable {
  /// The template of its chats.
  public var template: String?
  /// The tokenizer: a path or a plugin's name.
  public var tokenizer: String?
  /// The sampler preset of requests that do not name one.
  public var preset: String?
  /// The profile of requests that do not name one.
  public var profile: String?

  /// Nothing was set.
  public init(
    template: String? = nil, tokenizer: String? = nil, preset: String? = nil, profile: String? = nil
  ) {
    self.template = template
    self.tokenizer = tokenizer
    self.preset = preset
    self.profile = profile
  }
}

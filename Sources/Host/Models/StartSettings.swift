import State

/// What a model begins with: settings that its load gives, and those that were set for its name earlier.
struct StartSettings {
  /// A setting of a model.
  struct Choice {
    /// What was chosen; nil: the model's own.
    var name: String?
    /// Whether it was set earlier, and not by this load.
    var isKept: Bool

    /// - Parameter prefersKept: Whether what was set earlier is used even if the load gives something else.
    init(kept: String?, given: String?, prefersKept: Bool) {
      isKept = kept != nil && (prefersKept || given == nil)
      name = (isKept ? kept : given).flatMap { $0.isEmpty ? nil : $0 }
    }
  }

  /// The template of its chats.
  let template: Choice
  /// The tokenizer.
  let tokenizer: Choice
  /// The sampler preset.
  let preset: Choice
  /// The profile.
  let profile: Choice

  init(kept: ModelSettings, given: ModelSettings, prefersKept: Bool) {
    template = Choice(kept: kept.template, given: given.template, prefersKept: prefersKept)
    tokenizer = Choice(kept: kept.tokenizer, given: given.tokenizer, prefersKept: prefersKept)
    preset = Choice(kept: kept.preset, given: given.preset, prefersKept: prefersKept)
    profile = Choice(kept: kept.profile, given: given.profile, prefersKept: prefersKept)
  }
}

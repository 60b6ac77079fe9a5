/// Where a value came from, strongest first: a source overrides those after it.
public enum SettingSource: String, Sendable, CaseIterable {
  /// The request.
  case request
  /// The preset that the request names.
  case preset
  /// The prompt template.
  case template
  /// The model: its file, its card, or what was set for it.
  case model
  /// The order profile or the stage itself.
  case defaults = "default"
}

/// Where a value came from, strongest first: a source overrides those after it.
public enum SettingSource: String, Sendable, CaseIterable {
  /// The request.
  case request
  /// The preset that the request names, or that was set for the model.
  case preset
  /// The profile that the request names, or the model's.
  case profile
  /// The prompt template.
  case template
  /// The model's file.
  case model
  /// The library whose order is used, or the stage itself.
  case defaults = "default"
}

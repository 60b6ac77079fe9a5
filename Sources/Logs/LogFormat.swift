/// The format of log lines.
public enum LogFormat: String, Sendable, CaseIterable {
  /// `TIME LEVEL: MESSAGE KEY=VALUE …`.
  case text
  /// A JSON object.
  case json
}

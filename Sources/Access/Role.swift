/// What a caller may do; each role includes the ones before it.
public enum Role: String, Sendable, CaseIterable, Comparable {
  /// See models, templates, samplers, plugins and the daemon's status.
  case read
  /// Generate, render and tokenize, and load models from the configured folders.
  case use
  /// Change what others use: unload models, put templates, stop the daemon, and name any path.
  case manage

  /// By what the role includes.
  public static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .read: 0
    case .use: 1
    case .manage: 2
    }
  }

  /// The names, for help and errors.
  public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

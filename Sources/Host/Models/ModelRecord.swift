public import Runtime

/// A model as the host knows it.
public struct ModelRecord: Sendable {
  /// Whether requests can use it now.
  public enum State: Sendable {
    /// The worker is starting or reading the file.
    case loading
    /// Requests can use it.
    case ready
    /// The worker died, and the next request starts a fresh one; or the model's file changed, and it has to be loaded
    /// again.
    case down
  }

  /// The name in requests.
  public var name: String
  /// The file and how it was loaded.
  public var source: ModelSource
  /// Whether requests can use it now.
  public var state: State
  /// The worker's description of it.
  public var loaded: LoadedModel
  /// The template of chats that do not name one; empty when there is none.
  public var template: String
  /// The sampler preset that was set for requests that do not name one; empty when none was.
  public var preset: String
  /// The profile of requests that do not name one; empty when there is none.
  public var profile: String
  /// The worker's process; 0 when there is none.
  public var processID: Int32
  /// Fresh workers started after a death.
  public var restarts: Int
  /// How the last worker ended; empty when none did.
  public var lastFailure: String
  /// Seconds since 1970 at the end of the first load.
  public var loadedAt: Double
  /// What was set for it before and cannot be used now, one sentence each.
  public var setAside: [String]
}

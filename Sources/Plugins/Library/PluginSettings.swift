/// How long calls may take, and what happens when memory is found to be corrupt.
public struct PluginSettings: Sendable {
  /// What follows when a plugin wrote outside of the memory that it was lent.
  public enum CorruptionResponse: Sendable {
    /// A line on standard error and the end of the process: nothing in it can be relied on.
    case endProcess
    /// Only the fault: for a process that ends soon anyway, such as a trial.
    case report
  }

  /// Time for one call of a sampler, in nanoseconds.
  public var stepBudget: UInt64 = 100_000_000
  /// Time for one rendering, in nanoseconds; that of a Jinja template.
  public var renderBudget: UInt64 = 500_000_000
  /// Time for encoding, in nanoseconds for each started MiB of text.
  public var encodeBudget: UInt64 = 2_000_000_000
  /// Time for reading a whole vocabulary, in nanoseconds.
  public var vocabularyBudget: UInt64 = 10_000_000_000
  /// What follows when memory is corrupt.
  public var corruption = CorruptionResponse.endProcess
  /// Where calls under way are written down; nil for nowhere.
  public var recorder: (any CallRecorder)?
  /// Who ends the process when a call does not come back; nil for nobody.
  public var watchdog: PluginWatchdog? = .shared

  /// The usual ones.
  public init() {}
}

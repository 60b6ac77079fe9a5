import CWorkbenchPlugin
import Glibc

/// How long calls may take, who watches them, and what happens if memory is found corrupted.
///
/// Budgets are in processor time: waiting for a processor, or for anything else, does not count.
public struct PluginSettings: Sendable {
  /// What to do if a plugin wrote outside the memory it was lent.
  public enum CorruptionResponse: Sendable {
    /// Write a line to standard error and end the process, since nothing in it can be relied on.
    case endProcess
    /// Report the fault only: for a process that ends soon anyway, such as a trial.
    case report
  }

  /// The clock that budgets are measured on, in nanoseconds: the processor time of the calling thread.
  var clock: @Sendable () -> UInt64 = { nanoseconds(on: CLOCK_THREAD_CPUTIME_ID) }
  /// The bytes that the library's process has allocated and not freed.
  var allocatedBytes: @Sendable () -> Int = { wb_allocated_bytes() }
  /// Time for one call of a sampler, in nanoseconds.
  public var stepBudget: UInt64 = 100_000_000
  /// Time for one rendering, in nanoseconds; the same as for a Jinja template.
  public var renderBudget: UInt64 = 500_000_000
  /// Time for encoding, in nanoseconds for each started MiB of text.
  public var encodeBudget: UInt64 = 2_000_000_000
  /// Time for reading a whole vocabulary, in nanoseconds.
  public var vocabularyBudget: UInt64 = 10_000_000_000
  /// What to do if memory is found corrupted.
  public var corruption = CorruptionResponse.endProcess
  /// Where calls in progress are recorded; nil for nowhere.
  public var recorder: (any CallRecorder)?
  /// What ends the process if a call does not return; nil for nothing.
  public var watchdog: PluginWatchdog? = .shared

  /// The settings of a process that serves a model.
  public init() {}
}

import Synchronization
import Units

/// The cost and the faults of one sampler, template or tokenizer of a plugin while it serves.
///
/// `Limits.faults` faults within `Limits.faultWindow` calls disable it until the process ends.
public final class PluginHealth: Sendable {
  /// Whether it may be called.
  public enum State: Sendable, Equatable {
    /// It may be called.
    case healthy
    /// It may not, after too many faults; the reason names the last one.
    case disabled(reason: String)
  }

  /// What calls that do the work have cost: steps of a sampler, renderings of a template, texts of a tokenizer.
  public struct Cost: Sendable, Equatable {
    /// How many calls there were.
    public var calls: UInt64
    /// What they took in total, in nanoseconds.
    public var nanoseconds: UInt64
    /// What the longest call took, in nanoseconds.
    public var maximumNanoseconds: UInt64
  }

  private struct Record {
    var reason: String?
    var lastFault: String?
    /// The number of the call of each recent fault.
    var faults: [UInt64] = []
    var total = 0
  }

  private let calls = Atomic<UInt64>(0)
  private let nanoseconds = Atomic<UInt64>(0)
  private let longest = Atomic<UInt64>(0)
  private let latest = Atomic<UInt64>(0)
  private let disabled = Atomic<Bool>(false)
  private let record = Mutex(Record())

  init() {}

  /// Whether it may be called, and why not.
  public var state: State {
    record.withLock { $0.reason.map { .disabled(reason: $0) } ?? .healthy }
  }

  /// What calls have cost so far.
  public var cost: Cost {
    Cost(
      calls: calls.load(ordering: .relaxed), nanoseconds: nanoseconds.load(ordering: .relaxed),
      maximumNanoseconds: longest.load(ordering: .relaxed))
  }

  /// What the last call took, in nanoseconds.
  var latestNanoseconds: UInt64 { latest.load(ordering: .relaxed) }

  /// How many faults there have been, and the last one.
  public var faults: (count: Int, last: String?) {
    record.withLock { ($0.total, $0.lastFault) }
  }

  /// Refuses a call if it is disabled.
  ///
  /// - Throws: `disabled` with the reason.
  @inline(__always)
  func check() throws(PluginFault) {
    if disabled.load(ordering: .relaxed) { throw .disabled(reason: reason) }
  }

  private var reason: String { record.withLock { $0.reason ?? "" } }

  /// Records a call that did its work.
  @inline(__always)
  func note(nanoseconds spent: UInt64) {
    latest.store(spent, ordering: .relaxed)
    calls.wrappingAdd(1, ordering: .relaxed)
    nanoseconds.wrappingAdd(spent, ordering: .relaxed)
    if spent > longest.load(ordering: .relaxed) { longest.max(spent, ordering: .relaxed) }
  }

  /// Records a fault, and disables if it is one too many.
  func note(_ fault: PluginFault, in call: String) {
    guard fault.counts else { return }
    let now = calls.load(ordering: .relaxed)
    record.withLock { record in
      record.total += 1
      record.lastFault = "\(call) \(fault)"
      record.faults.removeAll { $0 &+ Limits.faultWindow < now }
      record.faults.append(now)
      guard record.faults.count >= Limits.faults, record.reason == nil else { return }
      record.reason = "\(counted(record.faults.count, "fault")), most recently: \(call) \(fault)"
      disabled.store(true, ordering: .relaxed)
    }
  }
}

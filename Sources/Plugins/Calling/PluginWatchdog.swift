import Concurrency
import Glibc
import Synchronization

/// A thread that ends the process if a call into a plugin does not return.
///
/// It sleeps a tick at a time and counts for how many ticks in a row it sees the same call. While the whole process is
/// stopped (by a debugger or SIGSTOP) there are no ticks, so that time does not count.
public final class PluginWatchdog: Sendable {
  /// The exit status of a process that ended because a call hung.
  public static let hangStatus: Int32 = 97
  /// The exit status of a process that ended because a plugin corrupted memory.
  public static let corruptionStatus: Int32 = 98
  /// The watchdog of settings that do not name another; its limit is ten seconds.
  public static let shared = PluginWatchdog(milliseconds: 10_000)

  private static let ticks = 20

  private let tickMicroseconds: UInt32
  private let milliseconds: Int
  private let state = Mutex(State())

  private struct State {
    var slots: [ObjectIdentifier: WatchSlot] = [:]
    var isRunning = false
  }

  /// A watchdog that lets a call last for `milliseconds` (at least 20), give or take a tenth.
  public init(milliseconds: Int) {
    self.milliseconds = milliseconds
    tickMicroseconds = UInt32(clamping: max(milliseconds, Self.ticks) * 1000 / Self.ticks)
  }

  /// Starts watching a slot.
  func add(_ slot: WatchSlot) {
    let mustStart = state.withLock { state in
      state.slots[ObjectIdentifier(slot)] = slot
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if mustStart { start() }
  }

  /// Stops watching a slot.
  func remove(_ slot: WatchSlot) {
    state.withLock { _ = $0.slots.removeValue(forKey: ObjectIdentifier(slot)) }
  }

  /// Starts the thread now, for a process that is about to count its threads.
  func prepare() {
    let slot = WatchSlot("")
    add(slot)
    remove(slot)
  }

  private func start() {
    do throws(ThreadError) {
      try OwnThread.detached { self.watch() }
    } catch {
      state.withLock { $0.isRunning = false }
    }
  }

  private func watch() {
    while true {
      usleep(tickMicroseconds)
      let hung = state.withLock { state in
        state.slots.values.first { $0.tick() >= Self.ticks }
      }
      if let hung {
        Self.end("\(hung.description) did not return within \(milliseconds) ms", Self.hangStatus)
      }
    }
  }

  /// Writes one line to standard error and ends the process at once, without exit handlers.
  static func end(_ reason: String, _ status: Int32) -> Never {
    let line = Array("workbench: plugin \(reason); ending the process\n".utf8)
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    _exit(status)
  }
}

/// Whether a call of one instance is in progress; written by the calling thread, read by the watchdog.
final class WatchSlot: Sendable {
  /// The calls of the interface.
  enum Call: UInt64 {
    case entry = 1
    case create, clone, apply, accept, reset, destroy, render, encode, decode
  }

  private let label: String
  private let recorder: (any CallRecorder)?
  /// The number of calls so far, times 256, plus the call in progress (0 for none).
  private let current = Atomic<UInt64>(0)
  /// What the watchdog saw last; only the watchdog uses it.
  private let seen = Atomic<UInt64>(0)
  /// For how many ticks it has seen that; only the watchdog uses it.
  private let age = Atomic<Int>(0)

  /// `label` names the plugin and what is called, for the line that reports a hang.
  init(_ label: String, recorder: (any CallRecorder)? = nil) {
    self.label = label
    self.recorder = recorder
  }

  /// Notes that a call begins; calls of one slot do not overlap.
  @inline(__always)
  func arm(_ call: Call) {
    recorder?.enter()
    current.store(current.load(ordering: .relaxed) &+ (256 &+ call.rawValue), ordering: .relaxed)
  }

  /// Notes that the call has returned.
  @inline(__always)
  func disarm() {
    current.store(current.load(ordering: .relaxed) & ~255, ordering: .relaxed)
    recorder?.leave()
  }

  /// Counts a tick; returns how many the call in progress has lasted.
  func tick() -> Int {
    let now = current.load(ordering: .relaxed)
    let isSame = now & 255 != 0 && now == seen.exchange(now, ordering: .relaxed)
    let ticks = isSame ? age.load(ordering: .relaxed) + 1 : 0
    age.store(ticks, ordering: .relaxed)
    return ticks
  }

  /// What is called, and the call in progress.
  var description: String {
    let call = Call(rawValue: current.load(ordering: .relaxed) & 255)
    return "\(label): \(call.map { "\($0)" } ?? "a call")"
  }
}

import Concurrency
import Glibc
import Synchronization

/// A thread that ends the process if a call into a plugin does not return.
///
/// A call hangs when its thread has used too much processor time, or when it has been under way for much longer than
/// that: the second limit is only for calls that wait, since a busy machine delays every call. The watchdog sleeps a
/// tick at a time and counts ticks. While the whole process is stopped (by a debugger or SIGSTOP) there are none, so
/// that time does not count.
public final class PluginWatchdog: Sendable {
  /// The exit status of a process that ended because a call hung.
  public static let hangStatus: Int32 = 97
  /// The exit status of a process that ended because a plugin corrupted memory.
  public static let corruptionStatus: Int32 = 98
  /// The watchdog of settings that do not name another.
  public static let shared = PluginWatchdog(
    busyMilliseconds: Limits.busyMilliseconds, waitingMilliseconds: Limits.waitingMilliseconds)

  private static let tickMilliseconds = 50

  private let busyMilliseconds: Int
  private let waitingMilliseconds: Int
  private let state = Mutex(State())

  private struct State {
    var slots: [ObjectIdentifier: WatchSlot] = [:]
    var isRunning = false
  }

  /// A watchdog that lets a call use `busyMilliseconds` of processor time and last for `waitingMilliseconds`, give or
  /// take a tick of 50 ms.
  public init(busyMilliseconds: Int, waitingMilliseconds: Int) {
    self.busyMilliseconds = busyMilliseconds
    self.waitingMilliseconds = waitingMilliseconds
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
      usleep(UInt32(Self.tickMilliseconds * 1000))
      let hung: (WatchSlot, String)? = state.withLock { state in
        for slot in state.slots.values {
          let call = slot.tick()
          if call.busyNanoseconds >= UInt64(busyMilliseconds) * 1_000_000 {
            return (slot, "within \(busyMilliseconds) ms of processor time")
          }
          if call.ticks * Self.tickMilliseconds >= waitingMilliseconds {
            return (slot, "within \(waitingMilliseconds) ms")
          }
        }
        return nil
      }
      if let (slot, limit) = hung {
        Self.end("\(slot.description) did not return \(limit)", Self.hangStatus)
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
  /// The clock of the calling thread's processor time.
  private let clock = Atomic<clockid_t>(CLOCK_THREAD_CPUTIME_ID)
  /// What the watchdog saw last, and since when; only the watchdog uses it.
  private let watched = Mutex(Watched())

  private struct Watched {
    var call: UInt64 = 0
    var ticks = 0
    var start: UInt64 = 0
  }

  /// `label` names the plugin and what is called, for the line that reports a hang.
  init(_ label: String, recorder: (any CallRecorder)? = nil) {
    self.label = label
    self.recorder = recorder
  }

  /// Notes that a call begins; calls of one slot do not overlap.
  @inline(__always)
  func arm(_ call: Call) {
    recorder?.enter()
    var own = clockid_t()
    if pthread_getcpuclockid(pthread_self(), &own) == 0 { clock.store(own, ordering: .relaxed) }
    current.store(current.load(ordering: .relaxed) &+ (256 &+ call.rawValue), ordering: .relaxed)
  }

  /// Notes that the call has returned.
  @inline(__always)
  func disarm() {
    current.store(current.load(ordering: .relaxed) & ~255, ordering: .relaxed)
    recorder?.leave()
  }

  /// Counts a tick; returns for how many the call in progress has lasted, and the processor time that its thread has
  /// used since the first.
  func tick() -> (ticks: Int, busyNanoseconds: UInt64) {
    let call = current.load(ordering: .relaxed)
    let now = nanoseconds(on: clock.load(ordering: .relaxed))
    return watched.withLock { watched in
      guard call & 255 != 0, call == watched.call else {
        watched = Watched(call: call, ticks: 0, start: now)
        return (0, 0)
      }
      watched.ticks += 1
      return (watched.ticks, now > watched.start ? now - watched.start : 0)
    }
  }

  /// What is called, and the call in progress.
  var description: String {
    let call = Call(rawValue: current.load(ordering: .relaxed) & 255)
    return "\(label): \(call.map { "\($0)" } ?? "a call")"
  }
}

import Glibc
import Synchronization

/// An atomic number padded to its own cache lines, so that threads polling it do not slow down others.
struct PaddedAtomic: ~Copyable {
  let value = Atomic<Int>(0)
  private let padding: (Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int)

  init() { padding = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) }
}

/// The progress of one member; only that member touches it.
struct MemberProgress {
  /// The phase that it is in, counted from the start of the run.
  var phase = 0
  /// Pieces of that phase; 0 until it has asked for one.
  var total = 0
  /// Pieces of its last share, until they are reported as done.
  var pending = 0
  private let padding: (Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int) =
    (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
}

/// What the members of a team share.
///
/// A thread that waits for an atomic below may sleep on `condition`; a thread that changes one checks for sleepers
/// afterwards. Both sides use sequentially consistent operations, so that either the sleeper sees the change or the
/// changer sees the sleeper.
struct TeamState: ~Copyable {
  let progress: UnsafeMutablePointer<MemberProgress>
  /// What a run executes; written only while the caller alone is inside.
  private(set) var job: ((TeamMember) -> Void)?

  private let members: Int
  /// The number of the current run, from 1; negative once the team ends.
  private let run = PaddedAtomic()
  /// Whether members may enter: the number of the open run, else 0.
  private let entrance = PaddedAtomic()
  /// Members inside, not counting the caller.
  private let inside = PaddedAtomic()
  /// The current phase in the upper half, and its next unclaimed piece in the lower.
  private let ticket = PaddedAtomic()
  /// Pieces of the current phase that are done.
  private let done = PaddedAtomic()
  private let sleepers = PaddedAtomic()
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private static let phaseShift = 32

  init(members count: Int) {
    members = count
    progress = .allocate(capacity: count)
    progress.initialize(repeating: MemberProgress(), count: count)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
    progress.deallocate()
  }

  // MARK: Runs

  /// Opens the entrance for a run of `job`; no member is inside.
  mutating func open(_ job: @escaping (TeamMember) -> Void) {
    self.job = job
    ticket.value.store(0, ordering: .relaxed)
    done.value.store(0, ordering: .relaxed)
    let number = run.value.load(ordering: .relaxed) + 1
    entrance.value.store(number, ordering: .sequentiallyConsistent)
    run.value.store(number, ordering: .sequentiallyConsistent)
    wakeSleepers()
  }

  /// Closes the entrance and waits until the members inside have left.
  mutating func close() {
    entrance.value.store(0, ordering: .sequentiallyConsistent)
    wait { $0.inside.value.load(ordering: .sequentiallyConsistent) == 0 }
    job = nil
  }

  /// Ends the threads.
  func stop() {
    run.value.store(-1, ordering: .sequentiallyConsistent)
    wakeSleepers()
  }

  /// Waits for a run other than `seen`; nil when the team ends.
  func nextRun(after seen: Int) -> Int? {
    wait { $0.run.value.load(ordering: .sequentiallyConsistent) != seen }
    let number = run.value.load(ordering: .acquiring)
    return number < 0 ? nil : number
  }

  /// Enters a run; false when it is closed already.
  func enter(_ number: Int) -> Bool {
    inside.value.add(1, ordering: .sequentiallyConsistent)
    if entrance.value.load(ordering: .sequentiallyConsistent) == number { return true }
    leave()
    return false
  }

  /// Leaves a run.
  func leave() {
    let left = inside.value.subtract(1, ordering: .sequentiallyConsistent).newValue
    // Only a caller that is closing the run waits for this.
    if left == 0, entrance.value.load(ordering: .sequentiallyConsistent) == 0 { wakeSleepers() }
  }

  // MARK: Phases

  /// The phase whose work is under way.
  var phase: Int { ticket.value.load(ordering: .acquiring) >> Self.phaseShift }

  /// Claims pieces of `phase`; nil when all are claimed or the phase is over.
  func claim(in phase: Int, of total: Int, minimum: Int) -> Range<Int>? {
    let base = phase << Self.phaseShift
    var current = ticket.value.load(ordering: .acquiring)
    while current >> Self.phaseShift == phase {
      let start = current - base
      guard start < total else { return nil }
      let end = min(total, start + max(minimum, (total - start) / (2 * members)))
      let (taken, now) = ticket.value.weakCompareExchange(
        expected: current, desired: base + end, ordering: .acquiringAndReleasing)
      if taken { return start..<end }
      current = now
    }
    return nil
  }

  /// Counts pieces of `phase` as done; the last ones end it.
  func complete(_ pieces: Int, of total: Int, in phase: Int) {
    guard done.value.add(pieces, ordering: .acquiringAndReleasing).newValue == total else { return }
    done.value.store(0, ordering: .relaxed)
    ticket.value.store((phase + 1) << Self.phaseShift, ordering: .sequentiallyConsistent)
    wakeSleepers()
  }

  /// Waits until `phase` is over.
  func wait(for phase: Int) {
    wait { $0.ticket.value.load(ordering: .sequentiallyConsistent) >> Self.phaseShift > phase }
  }

  // MARK: Waiting

  /// Polls for a while, then sleeps, until `isOver`.
  @inline(__always)
  private func wait(_ isOver: (borrowing TeamState) -> Bool) {
    for _ in 0..<Limits.spins where isOver(self) { return }
    pthread_mutex_lock(mutex)
    sleepers.value.add(1, ordering: .sequentiallyConsistent)
    while !isOver(self) { pthread_cond_wait(condition, mutex) }
    sleepers.value.subtract(1, ordering: .relaxed)
    pthread_mutex_unlock(mutex)
  }

  private func wakeSleepers() {
    guard sleepers.value.load(ordering: .sequentiallyConsistent) > 0 else { return }
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }
}

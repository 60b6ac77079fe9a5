import Glibc
import Synchronization

/// A number alone on its cache lines, so that threads that wait for it do not disturb others.
struct LonelyAtomic: ~Copyable {
  let value = Atomic<Int>(0)
  private let padding: (Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int)

  init() { padding = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) }
}

/// Where one member is; touched by that member only.
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
/// Whoever waits for an atomic below to change may sleep on `condition`; whoever changes it looks for sleepers
/// afterwards. Both sides use sequentially consistent operations, so that either the sleeper sees the change or the
/// changer sees the sleeper.
struct TeamState: ~Copyable {
  let progress: UnsafeMutablePointer<MemberProgress>
  /// What a run executes; written while nobody but the caller is inside.
  private(set) var job: ((TeamMember) -> Void)?

  private let members: Int
  /// The number of the current run, from 1; negative once the team ends.
  private let run = LonelyAtomic()
  /// Whether members may enter: the number of the open run, else 0.
  private let entrance = LonelyAtomic()
  /// Members inside, the caller not counted.
  private let inside = LonelyAtomic()
  /// The current phase in the upper half, and the next piece that nobody has taken in the lower.
  private let ticket = LonelyAtomic()
  /// Pieces of the current phase that are done.
  private let done = LonelyAtomic()
  private let sleepers = LonelyAtomic()
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

  /// Lets members in; nobody is inside.
  mutating func open(_ job: @escaping (TeamMember) -> Void) {
    self.job = job
    ticket.value.store(0, ordering: .relaxed)
    done.value.store(0, ordering: .relaxed)
    let number = run.value.load(ordering: .relaxed) + 1
    entrance.value.store(number, ordering: .sequentiallyConsistent)
    run.value.store(number, ordering: .sequentiallyConsistent)
    wakeSleepers()
  }

  /// Lets nobody in any more, and waits until those inside have left.
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

  /// Takes pieces of `phase`; nil when all are taken or the phase is over.
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

  /// Looks for a while, then sleeps, until `isOver`.
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

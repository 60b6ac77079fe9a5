import Glibc
import Synchronization

/// Threads that all run the same function at once and meet at barriers.
///
/// The caller of `run` is member 0. A member that waits looks often for a few tens of microseconds, then sleeps, so
/// a team without work costs no processor time.
///
/// `@unchecked Sendable`: what the members share is atomic or written by member 0 between two barriers.
final class ThreadTeam: @unchecked Sendable {
  /// Members, the caller included.
  let count: Int
  private let state: UnsafeMutablePointer<TeamState>
  private var threads: [pthread_t] = []

  /// Starts `count` - 1 threads; `count` is at least 1.
  ///
  /// - Throws: `InferenceError.threads` when the system refuses one.
  init(count: Int) throws(InferenceError) {
    self.count = count
    state = .allocate(capacity: 1)
    state.initialize(to: TeamState(members: count))
    for index in 1..<max(count, 1) {
      var thread = pthread_t()
      let code = startThread(TeamMember(index: index, state: state), &thread)
      guard code == 0 else {
        dissolve()
        throw .threads(requested: count, code: code)
      }
      threads.append(thread)
    }
  }

  /// Runs `body` once in every member and returns when all have.
  func run(_ body: (TeamMember) -> Void) {
    let member = TeamMember(index: 0, state: state)
    withoutActuallyEscaping(body) { body in
      state.pointee.job = body
      member.barrier()
      body(member)
      member.barrier()
      state.pointee.job = nil
    }
  }

  /// Processor time that each started thread has used so far.
  func processorSeconds() -> [Double] {
    threads.map { thread in
      var clock = clockid_t()
      var time = timespec()
      guard pthread_getcpuclockid(thread, &clock) == 0, clock_gettime(clock, &time) == 0 else { return -1 }
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
  }

  /// Ends and joins the threads that run, which may be fewer than planned.
  private func dissolve() {
    state.pointee.stopping = true
    state.pointee.members.store(threads.count + 1, ordering: .sequentiallyConsistent)
    TeamMember(index: 0, state: state).barrier()
    for thread in threads { pthread_join(thread, nil) }
    state.deinitialize(count: 1)
    state.deallocate()
  }

  deinit { dissolve() }
}

/// One thread's view of its team.
struct TeamMember {
  /// 0 for the caller of `run`.
  let index: Int
  fileprivate let state: UnsafeMutablePointer<TeamState>

  /// Members of the team.
  var count: Int { state.pointee.members.load(ordering: .relaxed) }

  /// Waits until every member has called this, and makes everybody's writes visible to everybody.
  func barrier() { state.pointee.barrier() }

  /// The next share of `total` pieces that nobody has taken since the last barrier; nil when all are taken.
  ///
  /// Shares shrink towards the end so that members finish together; none has fewer than `minimum` pieces but the
  /// last.
  func claim(of total: Int, minimum: Int) -> Range<Int>? {
    state.pointee.claim(of: total, minimum: minimum)
  }
}

/// A number alone on its cache lines, so that threads that wait for it do not disturb others.
private struct LonelyAtomic: ~Copyable {
  let value = Atomic<Int>(0)
  private let padding: (Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int)

  init() { padding = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) }
}

/// What the members share.
private struct TeamState: ~Copyable {
  let members: Atomic<Int>
  var job: ((TeamMember) -> Void)?
  var stopping = false
  private let arrived = LonelyAtomic()
  private let generation = LonelyAtomic()
  private let claimed = LonelyAtomic()
  private let sleepers = LonelyAtomic()
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init(members count: Int) {
    members = Atomic(count)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func barrier() {
    let current = generation.value.load(ordering: .relaxed)
    let position = arrived.value.add(1, ordering: .acquiringAndReleasing).newValue
    guard position == members.load(ordering: .relaxed) else { return wait(while: current) }
    arrived.value.store(0, ordering: .relaxed)
    claimed.value.store(0, ordering: .relaxed)
    // Either a sleeper sees the new generation before it sleeps, or this sees the sleeper: both sides use
    // sequentially consistent operations.
    generation.value.store(current &+ 1, ordering: .sequentiallyConsistent)
    guard sleepers.value.load(ordering: .sequentiallyConsistent) > 0 else { return }
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  private func wait(while current: Int) {
    for _ in 0..<Limits.spins where generation.value.load(ordering: .acquiring) != current { return }
    pthread_mutex_lock(mutex)
    sleepers.value.add(1, ordering: .sequentiallyConsistent)
    while generation.value.load(ordering: .sequentiallyConsistent) == current {
      pthread_cond_wait(condition, mutex)
    }
    sleepers.value.subtract(1, ordering: .relaxed)
    pthread_mutex_unlock(mutex)
  }

  func claim(of total: Int, minimum: Int) -> Range<Int>? {
    let parts = 2 * members.load(ordering: .relaxed)
    var start = claimed.value.load(ordering: .relaxed)
    while start < total {
      let end = min(total, start + max(minimum, (total - start) / parts))
      let (taken, now) = claimed.value.weakCompareExchange(
        expected: start, desired: end, ordering: .relaxed)
      if taken { return start..<end }
      start = now
    }
    return nil
  }
}

/// Starts a thread that takes part in the team until it stops; returns the error number, 0 when it runs.
private func startThread(_ member: TeamMember, _ thread: inout pthread_t) -> Int32 {
  // Signals belong to the process's own threads: the new thread inherits a mask that blocks all.
  var all = sigset_t()
  var old = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_SETMASK, &all, &old)
  defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
  let box = Unmanaged.passRetained(MemberBox(member))
  let code = pthread_create(
    &thread, nil,
    { raw in
      guard let raw else { return nil }
      let member = Unmanaged<MemberBox>.fromOpaque(raw).takeRetainedValue().member
      while true {
        member.barrier()
        if member.state.pointee.stopping { return nil }
        member.state.pointee.job?(member)
        member.barrier()
      }
    }, box.toOpaque())
  if code != 0 { box.release() }
  return code
}

/// Carries a member through the one pointer that a new thread is given.
private final class MemberBox {
  let member: TeamMember
  init(_ member: TeamMember) { self.member = member }
}

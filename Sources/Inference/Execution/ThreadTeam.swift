import Glibc

/// Threads that run the same function together, one phase of shared work after another.
///
/// The caller of `run` is member 0. A phase is over when its work is done, not when every member has arrived: a
/// member that is descheduled delays only the pieces that it has claimed, and skips what the others did meanwhile. A
/// waiting member polls for a few tens of microseconds, then sleeps, so an idle team costs no processor time.
///
/// `@unchecked Sendable`: what the members share is atomic, or written by member 0 while no other takes part.
final class ThreadTeam: @unchecked Sendable {
  /// Members, including the caller.
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
      let code = startThread(state.pointee.member(index, state), &thread)
      guard code == 0 else {
        dissolve()
        throw .threads(requested: count, code: code)
      }
      threads.append(thread)
    }
  }

  /// Runs `body` in this thread and in every member that arrives in time; returns when all work is done and no member
  /// is in `body` any more.
  ///
  /// - Parameter body: Shares its work out with `TeamMember.claim`; what it does outside of claimed pieces may be
  ///   done by any number of members, at any time until the phase is over.
  func run(_ body: (TeamMember) -> Void) {
    withoutActuallyEscaping(body) { body in
      state.pointee.open(body)
      let member = state.pointee.member(0, state)
      member.begin()
      body(member)
      member.settle()
      state.pointee.close()
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
    state.pointee.stop()
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
  fileprivate let own: UnsafeMutablePointer<MemberProgress>

  fileprivate init(
    index: Int, state: UnsafeMutablePointer<TeamState>, own: UnsafeMutablePointer<MemberProgress>
  ) {
    self.index = index
    self.state = state
    self.own = own
  }

  /// The next unclaimed share of this phase's `total` pieces; nil when all are claimed.
  ///
  /// Asking for the next share reports the previous one as done. Shares shrink towards the end so that members
  /// finish together; none has fewer than `minimum` pieces but the last. Every member names the same total.
  func claim(of total: Int, minimum: Int) -> Range<Int>? {
    settle()
    own.pointee.total = total
    guard let share = state.pointee.claim(in: own.pointee.phase, of: total, minimum: minimum) else {
      return nil
    }
    own.pointee.pending = share.count
    return share
  }

  /// Ends the phase: waits until all of its pieces are done, and makes what was written in them visible.
  ///
  /// Does nothing when the phase had no pieces.
  func barrier() {
    settle()
    guard own.pointee.total > 0 else { return }
    state.pointee.wait(for: own.pointee.phase)
    own.pointee.phase += 1
    own.pointee.total = 0
  }

  /// Whether the others have already finished this phase, so that preparing for it is useless.
  var isLate: Bool { state.pointee.phase > own.pointee.phase }

  fileprivate func begin() { own.pointee = MemberProgress() }

  /// Reports the pieces of the last share as done.
  fileprivate func settle() {
    guard own.pointee.pending > 0 else { return }
    state.pointee.complete(own.pointee.pending, of: own.pointee.total, in: own.pointee.phase)
    own.pointee.pending = 0
  }

  /// What a started thread does until the team ends.
  fileprivate func work() {
    var seen = 0
    while let run = state.pointee.nextRun(after: seen) {
      seen = run
      guard state.pointee.enter(run) else { continue }
      begin()
      state.pointee.job?(self)
      settle()
      state.pointee.leave()
    }
  }
}

extension TeamState {
  /// The view of one member.
  fileprivate func member(_ index: Int, _ state: UnsafeMutablePointer<TeamState>) -> TeamMember {
    TeamMember(index: index, state: state, own: progress + index)
  }
}

/// Starts a thread that takes part in the team until it ends; returns the error number, 0 when it runs.
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
      if let raw { Unmanaged<MemberBox>.fromOpaque(raw).takeRetainedValue().member.work() }
      return nil
    }, box.toOpaque())
  if code != 0 { box.release() }
  return code
}

/// Carries a member through the one pointer that a new thread is given.
private final class MemberBox {
  let member: TeamMember
  init(_ member: TeamMember) { self.member = member }
}

import Concurrency

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
  private var threads: [OwnThread] = []

  /// Starts `count` - 1 threads; `count` is at least 1.
  ///
  /// - Throws: `InferenceError.threads` when the system refuses one.
  init(count: Int) throws(InferenceError) {
    self.count = count
    state = .allocate(capacity: 1)
    state.initialize(to: TeamState(members: count))
    for index in 1..<max(count, 1) {
      let member = state.pointee.member(index, state)
      do throws(ThreadError) {
        threads.append(try OwnThread { member.work() })
      } catch {
        // Everything is initialised by now, so that `deinit` ends the threads that run.
        throw .threads(requested: count, reason: error.reason)
      }
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

  /// Processor time that each started thread has used so far, in seconds; nil for one that has ended.
  func processorSeconds() -> [Double?] { threads.map(\.processorSeconds) }

  deinit {
    state.pointee.stop()
    for thread in threads { thread.join() }
    state.deinitialize(count: 1)
    state.deallocate()
  }
}

/// One thread's view of its team.
///
/// `@unchecked Sendable`: its progress is written by its own thread alone, and the state is made to be shared.
struct TeamMember: @unchecked Sendable {
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

import Concurrency
import Sampling
import Synchronization

/// A request that the engine's thread has not seen yet.
struct Submission: Sendable {
  /// Order of arrival.
  var number: UInt64
  var job: Job
  var arrival: ContinuousClock.Instant
}

/// What callers hand to the engine's thread, and what it publishes for them.
final class Inbox: Sendable {
  struct Content {
    var submissions: [Submission] = []
    var barriers: [CheckedContinuation<Void, Never>] = []
    var isStopping = false
    /// Requests that were accepted and have not ended.
    var outstanding = 0
    var arrivals: UInt64 = 0
    var status = EngineStatus()
    /// When the step under way began; nil between steps.
    var stepBegan: ContinuousClock.Instant?
  }

  let content = Mutex(Content())
  let doorbell = Doorbell()
  /// Raised by the thread as its last act.
  let ended = Signal()

  /// Accepts a request unless `limit` are already accepted and unfinished.
  func submit(_ job: Job, limit: Int) throws(EngineError) {
    let arrival = ContinuousClock.now
    let refusal = content.withLock { content -> EngineError? in
      if content.isStopping { return .shutDown }
      if content.outstanding >= limit { return .queueFull(limit: limit) }
      content.outstanding += 1
      content.arrivals += 1
      content.submissions.append(
        Submission(number: content.arrivals, job: job, arrival: arrival))
      return nil
    }
    if let refusal { throw refusal }
    doorbell.ring()
  }

  /// Asks the thread to end.
  func stop() {
    content.withLock { $0.isStopping = true }
    doorbell.ring()
  }

  /// Returns when the thread has seen everything that happened before the call.
  func settled() async {
    await withCheckedContinuation { continuation in
      let isStopping = content.withLock { content in
        if !content.isStopping { content.barriers.append(continuation) }
        return content.isStopping
      }
      if isStopping { continuation.resume() } else { doorbell.ring() }
    }
  }
}

/// When a worker that keeps dying may be started again.
///
/// There is no wait after the first death, so that the next request recovers from an accident; from the
/// second on the wait doubles. A worker that lived long enough resets it.
struct Backoff: Sendable {
  private(set) var deaths = 0
  private var startedAt: ContinuousClock.Instant?
  private var notBefore: ContinuousClock.Instant?

  mutating func started(at now: ContinuousClock.Instant) {
    startedAt = now
  }

  mutating func died(at now: ContinuousClock.Instant) {
    if let startedAt, now - startedAt > HostLimits.backoffForgets { deaths = 0 }
    deaths += 1
    guard deaths > 1 else {
      notBefore = nil
      return
    }
    let doublings = min(deaths - 2, 16)
    notBefore = now + min(HostLimits.backoffFirst * (1 << doublings), HostLimits.backoffMost)
  }

  /// Zero when a start is allowed now.
  func wait(at now: ContinuousClock.Instant) -> Duration {
    guard let notBefore, notBefore > now else { return .zero }
    return notBefore - now
  }
}

import Testing

@testable import Host

@Suite("When a worker that keeps dying may start again") struct BackoffTests {
  private let start = ContinuousClock.now

  @Test("A worker that never died starts at once, and so does one after its first death")
  func firstDeath() {
    var backoff = Backoff()
    #expect(backoff.wait(at: start) == .zero)
    backoff.started(at: start)
    backoff.died(at: start)
    #expect(backoff.wait(at: start) == .zero && backoff.deaths == 1)
  }

  @Test("From the second death on the wait doubles, up to the longest one")
  func doubles() {
    var backoff = Backoff()
    backoff.started(at: start)
    backoff.died(at: start)
    var waits: [Duration] = []
    for _ in 0..<12 {
      backoff.died(at: start)
      waits.append(backoff.wait(at: start))
    }
    #expect(waits.first == HostLimits.backoffFirst)
    for (shorter, longer) in zip(waits, waits.dropFirst()) {
      #expect(longer == min(shorter * 2, HostLimits.backoffMost))
    }
    #expect(waits.last == HostLimits.backoffMost)
  }

  @Test("The wait runs out with time") func runsOut() {
    var backoff = Backoff()
    backoff.started(at: start)
    for _ in 0..<3 { backoff.died(at: start) }
    let wait = backoff.wait(at: start)
    #expect(backoff.wait(at: start + .milliseconds(100)) == wait - .milliseconds(100))
    #expect(backoff.wait(at: start + wait) == .zero)
    #expect(backoff.wait(at: start + .seconds(3600)) == .zero)
  }

  @Test("A worker that lived long enough is forgiven its earlier deaths") func forgets() {
    var backoff = Backoff()
    backoff.started(at: start)
    for _ in 0..<8 { backoff.died(at: start) }
    let later = start + .seconds(600)
    backoff.started(at: later)
    backoff.died(at: later + HostLimits.backoffForgets + .nanoseconds(1))
    #expect(backoff.deaths == 1)
    #expect(backoff.wait(at: later + HostLimits.backoffForgets + .nanoseconds(1)) == .zero)
  }

  @Test("A worker that lived a moment too short is not") func remembers() {
    var backoff = Backoff()
    backoff.started(at: start)
    backoff.died(at: start)
    backoff.started(at: start)
    backoff.died(at: start + HostLimits.backoffForgets)
    #expect(backoff.deaths == 2)
  }

  @Test("No number of deaths makes the wait overflow") func manyDeaths() {
    var backoff = Backoff()
    backoff.started(at: start)
    for _ in 0..<10_000 { backoff.died(at: start) }
    #expect(backoff.wait(at: start) == HostLimits.backoffMost)
  }
}

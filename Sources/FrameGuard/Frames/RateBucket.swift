/// How often something may happen.
public struct Rate: Sendable, Equatable {
  /// How many may come at once after a pause.
  public var burst: Int
  /// How many a second in the long run.
  public var perSecond: Double

  /// A rate.
  public init(burst: Int, perSecond: Double) {
    self.burst = burst
    self.perSecond = perSecond
  }
}

/// Counts what happens against a rate: each event takes a token, and tokens come back with time.
struct RateBucket {
  private let rate: Rate
  private var tokens: Double
  private var last: ContinuousClock.Instant

  init(_ rate: Rate, at now: ContinuousClock.Instant) {
    self.rate = rate
    tokens = Double(rate.burst)
    last = now
  }

  /// Takes a token; false when none is left.
  mutating func take(at now: ContinuousClock.Instant) -> Bool {
    tokens = min(Double(rate.burst), tokens + (now - last) / .seconds(1) * rate.perSecond)
    last = now
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }

  /// Gives all tokens back.
  mutating func refill() { tokens = Double(rate.burst) }
}

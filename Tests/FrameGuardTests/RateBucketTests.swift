import Testing

@testable import FrameGuard

@Suite("Events against a rate") struct RateBucketTests {
  private let start = ContinuousClock.now

  private func take(_ bucket: inout RateBucket, _ time: Duration) -> Bool { bucket.take(at: start + time) }

  @Test("A burst passes, then one for each token that time brings back")
  func burst() {
    var bucket = RateBucket(Rate(burst: 3, perSecond: 2), at: start)
    for _ in 0..<3 { #expect(take(&bucket, .zero)) }
    #expect(!take(&bucket, .zero))
    #expect(!take(&bucket, .milliseconds(400)))
    #expect(take(&bucket, .milliseconds(500)))
    #expect(!take(&bucket, .milliseconds(500)))
  }

  @Test("A long pause gives no more than a burst")
  func pause() {
    var bucket = RateBucket(Rate(burst: 3, perSecond: 2), at: start)
    for _ in 0..<3 { #expect(take(&bucket, .seconds(3600))) }
    #expect(!take(&bucket, .seconds(3600)))
    bucket.refill()
    #expect(take(&bucket, .seconds(3600)))
  }
}

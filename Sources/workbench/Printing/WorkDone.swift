/// How far a long work is, in bytes and time.
struct WorkDone {
  private let done: UInt64
  private let total: UInt64
  private let seconds: Double

  /// A total of 0 is not known yet.
  init(bytes done: UInt64, of total: UInt64, since start: ContinuousClock.Instant) {
    self.init(bytes: done, of: total, seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  init(bytes done: UInt64, of total: UInt64, seconds: Double) {
    self.done = min(done, total)
    self.total = total
    self.seconds = seconds
  }

  /// From 0 to 1.
  var fraction: Double { total == 0 ? 0 : Double(done) / Double(total) }

  /// `1.2 GiB of 14.5 GiB, 20 s left`, without the time as long as it could only be guessed.
  var text: String {
    guard total > 0 else { return "" }
    let bytes = "\(Format.bytes(done)) of \(Format.bytes(total))"
    guard done > 0, seconds >= 1 else { return bytes }
    let left = (seconds / Double(done) * Double(total - done)).rounded(.up)
    return bytes + ", \(left < 60 ? "\(Int(left)) s" : Format.seconds(left)) left"
  }
}

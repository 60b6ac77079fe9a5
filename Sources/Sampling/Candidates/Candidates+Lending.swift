/// Lending the candidates to code that works on plain arrays.
extension Candidates {
  /// What was found wrong with the arrays after other code has changed them.
  public struct Findings: Sendable, Equatable {
    /// A logit was NaN; it has become -∞.
    public var hasNaN = false
    /// No logit is above -∞.
    public var isAllImpossible = false
    /// A token is not in the vocabulary: the candidates must not be used any more.
    public var hasForeignToken = false

    /// Whether nothing is wrong, so that the candidates can be used.
    @inline(__always)
    public var isFine: Bool { !hasNaN && !isAllImpossible && !hasForeignToken }
  }

  /// Lends ids and logits to code that works on plain arrays, such as a plugin's.
  ///
  /// `body` may overwrite and reorder both arrays (together) and returns how many of the first candidates are left.
  /// These are checked in one pass, and their logits are cleaned as `load` does.
  ///
  /// - Returns: What is wrong with the candidates; built-in code that is right by construction may discard it.
  /// - Throws: `invalidChain` if `body` returns an impossible count; what `body` throws.
  @discardableResult
  public mutating func withUnsafeArrays(
    _ body: (UnsafeMutableBufferPointer<Int32>, UnsafeMutableBufferPointer<Float>) throws(SamplingError) ->
      Int
  ) throws(SamplingError) -> Findings {
    if isDense { materializeIdentifiers() }
    let (count, vocabularySize) = (count, vocabularySize)
    isSorted = false
    hasProbabilities = false
    let result: Result<(kept: Int, findings: Findings), SamplingError> = ids.withUnsafeMutableBufferPointer {
      ids in
      logits.withUnsafeMutableBufferPointer { logits in
        do throws(SamplingError) {
          let kept = try body(.init(rebasing: ids[..<count]), .init(rebasing: logits[..<count]))
          guard kept >= 0, kept <= count else {
            throw .invalidChain(reason: "a stage left \(kept) of \(count) candidates")
          }
          var findings = Self.clean(.init(rebasing: logits[..<kept]))
          findings.hasForeignToken = Self.hasToken(.init(rebasing: ids[..<kept]), outside: vocabularySize)
          return .success((kept, findings))
        } catch {
          return .failure(error)
        }
      }
    }
    let (kept, findings) = try result.get()
    self.count = kept
    return findings
  }

  /// Cleans logits in place; a single pass if there is nothing to clean.
  private static func clean(_ logits: UnsafeMutableBufferPointer<Float>) -> Findings {
    guard let base = logits.baseAddress else { return Findings(isAllImpossible: true) }
    let count = logits.count
    // Without the sign, bits order as magnitudes do, NaN last: those beyond the limit overflow into the sign.
    let room = 0x7FFF_FFFF - Limits.logitMagnitude.bitPattern
    var signs: UInt32 = 0
    var index = 0
    while index < count {
      signs |= (base[index].bitPattern & 0x7FFF_FFFF) &+ room
      index &+= 1
    }
    return signs > 0x7FFF_FFFF ? cleanUnusual(logits) : Findings(isAllImpossible: count == 0)
  }

  /// Turns NaN into -∞, and larger magnitudes into the limit.
  @inline(never)
  static func cleanUnusual(_ logits: UnsafeMutableBufferPointer<Float>) -> Findings {
    guard let base = logits.baseAddress else { return Findings(isAllImpossible: true) }
    let (limit, count) = (Limits.logitMagnitude, logits.count)
    var (nans, possible): (Int32, Int32) = (0, 0)
    var index = 0
    while index < count {
      let value = base[index]
      let bounded = value > limit ? limit : value < -limit ? -limit : value
      nans |= value == value ? 0 : 1
      possible |= value > -.infinity ? 1 : 0
      // False for NaN as well.
      base[index] = value > -.infinity ? bounded : -.infinity
      index &+= 1
    }
    return Findings(hasNaN: nans != 0, isAllImpossible: possible == 0)
  }

  private static func hasToken(_ ids: UnsafeMutableBufferPointer<Int32>, outside end: Int) -> Bool {
    guard let base = ids.baseAddress else { return false }
    // A negative id has its sign set, and adding `room` sets the sign of one beyond the last.
    let room = Int32.max &- Int32(clamping: end) &+ 1
    let count = ids.count
    var signs: Int32 = 0
    var index = 0
    while index < count {
      signs |= base[index] | (base[index] &+ room)
      index &+= 1
    }
    return signs < 0
  }
}

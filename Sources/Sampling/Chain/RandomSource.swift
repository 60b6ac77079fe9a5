/// The random numbers of sampling: xoshiro256** seeded through SplitMix64, the same on every platform and version.
///
/// A stage that draws has a stream of its own (its position in the chain; the final pick has stream 0), so that
/// inserting a drawing stage does not change what the others draw. Source: D. Blackman and S. Vigna, "Scrambled
/// linear pseudorandom number generators", 2021; both generators are in the public domain.
public struct RandomSource: Sendable, Equatable, RandomNumberGenerator {
  private var s0: UInt64
  private var s1: UInt64
  private var s2: UInt64
  private var s3: UInt64

  /// The stream `stream` of `seed`.
  ///
  /// Stream 0 fills the state with the first four outputs of SplitMix64 from `seed`; another one starts
  /// SplitMix64 from the first output for `seed` plus `stream` times 0xD1B54A32D192ED03.
  public init(seed: UInt64, stream: UInt64 = 0) {
    var fill = SplitMix64(state: seed)
    if stream != 0 { fill = SplitMix64(state: fill.next() &+ stream &* 0xD1B5_4A32_D192_ED03) }
    self.init(state: (fill.next(), fill.next(), fill.next(), fill.next()))
  }

  /// Starts from a given state, which must not be all zero.
  init(state: (UInt64, UInt64, UInt64, UInt64)) {
    (s0, s1, s2, s3) = state
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    let result = rotated(s1 &* 5, by: 7) &* 9
    let carried = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= carried
    s3 = rotated(s3, by: 45)
    return result
  }

  /// A number 0 ≤ x < 1 made of the upper 53 bits of the next draw.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  private func rotated(_ value: UInt64, by bits: UInt64) -> UInt64 {
    value &<< bits | value &>> (64 &- bits)
  }
}

/// The generator that fills states: one 64-bit counter, mixed.
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

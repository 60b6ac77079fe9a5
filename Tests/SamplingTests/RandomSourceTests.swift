import Testing

@testable import Sampling

@Suite struct RandomSourceTests {
  /// Published with SplitMix64: five outputs for the seed 1234567.
  @Test func splitMixGivesThePublishedNumbers() {
    var random = SplitMix64(state: 1_234_567)
    let wanted: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431,
      16_408_922_859_458_223_821,
    ]
    for value in wanted { #expect(random.next() == value) }
  }

  /// The vector of Rust's rand_xoshiro, made with the authors' C program from the state 1, 2, 3, 4.
  @Test func xoshiroGivesThePublishedNumbers() {
    var random = RandomSource(state: (1, 2, 3, 4))
    let wanted: [UInt64] = [
      11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360, 607_988_272_756_665_600,
      16_172_922_978_634_559_625, 8_476_171_486_693_032_832, 10_595_114_339_597_558_777,
      2_904_607_092_377_533_576,
    ]
    for value in wanted { #expect(random.next() == value) }
  }

  @Test func streamsOfASeedDifferAndSeedsDiffer() {
    var seen: Set<UInt64> = []
    for seed in 0..<50 as Range<UInt64> {
      for stream in 0..<20 as Range<UInt64> {
        var random = RandomSource(seed: seed, stream: stream)
        seen.insert(random.next())
      }
    }
    #expect(seen.count == 1000)
  }

  @Test func uniformNumbersAreInTheHalfOpenUnitIntervalAndSpreadOut() {
    var random = RandomSource(seed: 42)
    var bins = [Int](repeating: 0, count: 10)
    for _ in 0..<10_000 {
      let value = random.uniform()
      #expect(value >= 0 && value < 1)
      bins[Int(value * 10)] += 1
    }
    #expect(bins.allSatisfy { (850...1150).contains($0) })
  }
}

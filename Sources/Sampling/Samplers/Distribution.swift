/// The final pick: draws a candidate with its probability.
struct Distribution: BuiltInSampler {
  static let name = "dist"
  static let summary = "Draws a token at random, each with its probability."
  static let selectsToken = true

  private let initial: RandomSource
  private var random: RandomSource

  /// Draws from the first stream of a seed, which no other stage uses.
  init(seed: UInt64) {
    initial = RandomSource(seed: seed)
    random = initial
  }

  init?(_ parameters: NoParameters, _ context: StageContext) { self.init(seed: context.seed) }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    candidates.select(try candidates.draw(&random))
  }

  mutating func reset() { random = initial }
}

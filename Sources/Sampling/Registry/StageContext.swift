/// What a stage is told about the chain that it is made for.
public struct StageContext: Sendable {
  /// The seed of the request.
  public var seed: UInt64
  /// The random stream of this stage: its position in the chain, from 1 (0 is the final pick's).
  public var stream: UInt64
  /// Logits in a row.
  public var vocabularySize: Int

  /// The random numbers of the stage's own stream.
  public var random: RandomSource { RandomSource(seed: seed, stream: stream) }
}

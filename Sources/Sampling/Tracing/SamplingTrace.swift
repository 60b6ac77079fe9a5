/// What every stage of one step did, which explains why this token was picked.
public struct SamplingTrace: Sendable, Equatable {
  /// The candidates at one point of a chain, and the place of the picked token among them.
  public struct Distribution: Sendable, Equatable {
    /// How many candidates are above -∞.
    public var candidates: Int
    /// Entropy of their probabilities, in bits.
    public var entropy: Double
    /// The place of the picked token, 1 for the highest logit (the lowest id among equals); nil if it is not a
    /// candidate here.
    public var rank: Int?
    /// The probability of the picked token; 0 if it is not a candidate here.
    public var probability: Double

    /// A point of a chain.
    public init(candidates: Int, entropy: Double, rank: Int?, probability: Double) {
      self.candidates = candidates
      self.entropy = entropy
      self.rank = rank
      self.probability = probability
    }
  }

  /// What one stage did.
  public struct Stage: Sendable, Equatable {
    /// The name of the stage.
    public var name: String
    /// The candidates that it was given.
    public var before: Distribution
    /// The candidates that it left.
    public var after: Distribution
    /// Probability, before the stage, of the candidates that it removed; 0 ≤ m < 1.
    public var massRemoved: Double

    /// What a stage was given, left and removed.
    public init(name: String, before: Distribution, after: Distribution, massRemoved: Double) {
      self.name = name
      self.before = before
      self.after = after
      self.massRemoved = massRemoved
    }
  }

  /// In the order of the chain, without stages that do nothing.
  ///
  /// The first one's `before` is the model's own distribution.
  public var stages: [Stage]
  /// The most probable tokens of the model's own distribution, best first; at most `Limits.tracedCandidates`.
  public var likeliest: [TokenLogprob]

  /// What the stages of a step did, and what the model preferred.
  public init(stages: [Stage], likeliest: [TokenLogprob]) {
    self.stages = stages
    self.likeliest = likeliest
  }
}

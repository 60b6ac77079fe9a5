import Tokens

/// What every stage of one step did: the answer to "why this token".
public struct SamplingTrace: Sendable, Equatable {
  /// The candidates at one point of a chain, and where the token that came out stands among them.
  public struct Distribution: Sendable, Equatable {
    /// Candidates above -∞.
    public var candidates: Int
    /// Entropy of their probabilities, in bits.
    public var entropy: Double
    /// Place of the token that came out, 1 for the highest logit and the lower id among equals; nil where it was no
    /// candidate.
    public var rank: Int?
    /// Probability of the token that came out; 0 where it was no candidate.
    public var probability: Double

    /// A point of a chain.
    public init(candidates: Int, entropy: Double, rank: Int?, probability: Double) {
      self.candidates = candidates
      self.entropy = entropy
      self.rank = rank
      self.probability = probability
    }
  }

  /// One stage's part.
  public struct Stage: Sendable, Equatable {
    /// The stage.
    public var name: String
    /// What it was given.
    public var before: Distribution
    /// What it left.
    public var after: Distribution
    /// Probability, before the stage, of the candidates that it removed; 0 ≤ m < 1.
    public var massRemoved: Double

    /// A stage's part.
    public init(name: String, before: Distribution, after: Distribution, massRemoved: Double) {
      self.name = name
      self.before = before
      self.after = after
      self.massRemoved = massRemoved
    }
  }

  /// In the order of the chain; stages that do nothing are not in it.
  ///
  /// The first one's `before` is the model's own distribution.
  public var stages: [Stage]
  /// The most probable tokens of the model's own distribution, best first; at most `Limits.tracedCandidates`.
  public var likeliest: [TokenLogprob]

  /// The stages of a step.
  public init(stages: [Stage], likeliest: [TokenLogprob]) {
    self.stages = stages
    self.likeliest = likeliest
  }
}

extension SamplerChain {
  /// Does what `sample` does, with the same result and the same draws, and tells what each stage did.
  ///
  /// Copies the candidates at each stage and takes a few passes over them: for looking, not for speed.
  public mutating func sampleTraced(
    _ logits: UnsafeBufferPointer<Float>
  ) throws(SamplingError) -> (token: SampledToken, trace: SamplingTrace) {
    try load(logits)
    var snapshots = [Snapshot(candidates)]
    for index in stages.indices {
      try stages[index].apply(to: &candidates)
      snapshots.append(Snapshot(candidates))
    }
    let picked = try picked()
    let points = snapshots.map { $0.distribution(of: picked.token) }
    var trace = SamplingTrace(
      stages: [], likeliest: LogProbabilities(logits).top(Limits.tracedCandidates))
    for (index, stage) in stages.enumerated() {
      let removed = snapshots[index].mass(missingFrom: snapshots[index + 1], vocabularySize: vocabularySize)
      trace.stages.append(
        SamplingTrace.Stage(
          name: stage.name, before: points[index], after: points[index + 1], massRemoved: removed))
    }
    return (picked, trace)
  }
}

/// The candidates at one point of the chain; nothing of the chain itself is touched, not even what it has computed.
private struct Snapshot {
  /// By place: the token and its logit, those at -∞ left out.
  private var ids: [TokenID] = []
  private var logits: [Float] = []
  private let largest: Double
  /// The sum of exp(logit - largest).
  private var total = 0.0
  /// In bits.
  private var entropy = 0.0

  init(_ candidates: Candidates) {
    largest = Double(candidates.largestLogit())
    ids.reserveCapacity(candidates.count)
    logits.reserveCapacity(candidates.count)
    // With d = logit - largest and Z = Σ exp(d), the entropy is ln Z - Σ d exp(d) / Z.
    var moment = 0.0
    for index in 0..<candidates.count where candidates.logit(at: index) > -.infinity {
      let logit = candidates.logit(at: index)
      ids.append(candidates.id(at: index))
      logits.append(logit)
      let weight = weight(of: logit)
      total += weight
      moment += weight * (Double(logit) - largest)
    }
    if total > 0 {
      entropy = max(0, binaryLogarithm(total) - moment / total * binaryLogarithm(exponential(1.0)))
    }
  }

  private func weight(of logit: Float) -> Double { exponential(Double(logit) - largest) }

  func distribution(of token: TokenID) -> SamplingTrace.Distribution {
    var point = SamplingTrace.Distribution(
      candidates: ids.count, entropy: entropy, rank: nil, probability: 0)
    guard let place = ids.firstIndex(of: token) else { return point }
    let own = logits[place]
    var better = 0
    for index in ids.indices {
      if logits[index] > own || (logits[index] == own && ids[index] < token) { better += 1 }
    }
    point.rank = better + 1
    point.probability = weight(of: own) / total
    return point
  }

  /// The probability here of the candidates that the other does not have.
  func mass(missingFrom other: Snapshot, vocabularySize: Int) -> Double {
    if total == 0 || ids == other.ids { return 0 }
    var isKept = [Bool](repeating: false, count: vocabularySize)
    for id in other.ids where isKept.indices.contains(id.index) { isKept[id.index] = true }
    var removed = 0.0
    for (id, logit) in zip(ids, logits) where !isKept.indices.contains(id.index) || !isKept[id.index] {
      removed += weight(of: logit)
    }
    return removed / total
  }
}

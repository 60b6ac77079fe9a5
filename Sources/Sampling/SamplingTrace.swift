import Tokens

/// What every stage of one step did: the answer to "why this token".
public struct SamplingTrace: Sendable, Equatable {
  /// One stage's part.
  public struct Stage: Sendable, Equatable {
    /// The stage.
    public var name: String
    /// Candidates above -∞ when it began.
    public var candidatesBefore: Int
    /// Candidates above -∞ when it had finished.
    public var candidatesAfter: Int
    /// Probability, before the stage, of the candidates that it removed; 0 ≤ m < 1.
    public var massRemoved: Float
    /// Place of the token that came out, 1 for the most probable; nil where it was not a candidate any more.
    public var rankAfter: Int?
    /// Probability of the token that came out, after the stage; 0 where it was not a candidate any more.
    public var probabilityAfter: Float
  }

  /// Rank of the picked token by the model's own logits, from 1.
  public var rawRank = 0
  /// Probability of the picked token by the model's own logits.
  public var rawProbability: Float = 0
  /// In the order of the chain; stages that do nothing are not in it.
  public var stages: [Stage] = []
}

extension SamplerChain {
  /// Does what `sample` does, with the same result and the same draws, and tells what each stage did.
  ///
  /// Allocates and takes a pass over the candidates a stage: for looking, not for speed.
  public mutating func sampleTraced(
    _ logits: UnsafeBufferPointer<Float>
  ) throws(SamplingError) -> (token: SampledToken, trace: SamplingTrace) {
    try load(logits)
    var snapshots = [try Snapshot(candidates)]
    for index in stages.indices {
      try stages[index].apply(to: &candidates)
      snapshots.append(try Snapshot(candidates))
    }
    let token = try picked()
    var trace = SamplingTrace()
    trace.rawRank = snapshots[0].rank(of: token.token) ?? 0
    trace.rawProbability = snapshots[0].probabilities[token.token] ?? 0
    for (index, stage) in stages.enumerated() {
      let (before, after) = (snapshots[index], snapshots[index + 1])
      var removed: Float = 0
      for (candidate, probability) in before.probabilities where after.probabilities[candidate] == nil {
        removed += probability
      }
      trace.stages.append(
        SamplingTrace.Stage(
          name: stage.name, candidatesBefore: before.probabilities.count,
          candidatesAfter: after.probabilities.count, massRemoved: removed,
          rankAfter: after.rank(of: token.token), probabilityAfter: after.probabilities[token.token] ?? 0))
    }
    return (token, trace)
  }
}

/// The candidates at one point of the chain.
private struct Snapshot {
  var probabilities: [TokenID: Float] = [:]

  init(_ candidates: Candidates) throws(SamplingError) {
    var copy = candidates
    try copy.computeProbabilities()
    for index in 0..<copy.count where copy.logit(at: index) > -.infinity {
      probabilities[copy.id(at: index)] = copy.probability(at: index)
    }
  }

  func rank(of token: TokenID) -> Int? {
    guard let own = probabilities[token] else { return nil }
    return 1 + probabilities.count { $0.value > own || ($0.value == own && $0.key < token) }
  }
}

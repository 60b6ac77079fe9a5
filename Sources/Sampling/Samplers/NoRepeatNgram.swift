import Tokens

/// Drops candidates less probable than a cut-off: fixed (epsilon), or lower where the distribution is flat (eta).
///
/// The best candidates, and what ties with them, stay in any case. Source: Hewitt et al., "Truncation Sampling as Language Model Desmoothing",
/// 2022; bounds as in transformers: eta is min(ε, √ε · exp(-entropy)).
struct CutoffStage: SamplerStage {
  let name: String
  let cutoff: Float
  let followsEntropy: Bool
  let minimumKept: Int

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    try candidates.computeProbabilities()
    let bound =
      followsEntropy ? min(cutoff, cutoff.squareRoot() * exponential(-candidates.entropy())) : cutoff
    var kept = 0
    for index in 0..<candidates.count where candidates.probability(at: index) >= bound { kept += 1 }
    if kept < max(minimumKept, 1) { return candidates.keepTopAndTies(max(minimumKept, 1)) }
    let probabilities = candidates.probabilities
    candidates.keep { probabilities[$0] >= bound }
  }
}

/// Bans every token that would complete an n-gram that the sequence already has.
///
/// Source: transformers' `no_repeat_ngram_size`.
struct NoRepeatNgramStage: SamplerStage {
  let name = "no_repeat_ngram"
  let size: Int
  private var tokens: [TokenID] = []

  init(size: Int) {
    self.size = size
  }

  mutating func accept(_ token: TokenID) { tokens.append(token) }

  mutating func reset() { tokens.removeAll(keepingCapacity: true) }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    guard tokens.count >= size else { return }
    let tail = tokens[(tokens.count - size + 1)...]
    var banned: Set<TokenID> = []
    for start in 0...(tokens.count - size) where tokens[start..<(start + size - 1)].elementsEqual(tail) {
      banned.insert(tokens[start + size - 1])
    }
    for token in banned {
      if let index = candidates.index(of: token) { candidates.setLogit(-.infinity, at: index) }
    }
  }
}

import Tokens

/// Adds to the logits of given tokens; -∞ bans one.
struct LogitBiasStage: SamplerStage {
  let name = "logit_bias"
  let biases: [TokenBias]

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    for entry in biases {
      guard let index = candidates.index(of: entry.token) else { continue }
      candidates.setLogit(candidates.logit(at: index) + entry.bias, at: index)
    }
  }
}

import Tokens

/// Adds to the logits of given tokens; -∞ bans one.
struct LogitBias: BuiltInSampler {
  struct Parameters: SamplerParameters {
    var biases: [TokenBias] = []
  }

  static let name = "logit_bias"
  static let summary = "Makes given tokens more or less likely, or bans them."
  static let parameters: [Parameter<Parameters>] = [
    .biases(
      "logit_bias", \.biases,
      "What to add to the logit of each token, usually -10 to 10; minus infinity bans the token.")
  ]

  private let biases: [TokenBias]

  init?(_ parameters: Parameters, _ context: StageContext) {
    if parameters.biases.isEmpty { return nil }
    biases = parameters.biases
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    for entry in biases {
      guard let index = candidates.index(of: entry.token) else { continue }
      candidates.setLogit(candidates.logit(at: index) + entry.bias, at: index)
    }
  }
}

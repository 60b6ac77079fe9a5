/// Keeps the candidates whose logit is within n standard deviations of the highest.
///
/// Source: Tang et al., "Top-nσ: Not All Logits Are You Need", 2024; bounds as in llama.cpp.
struct TopNSigma: BuiltInSampler {
  struct Parameters: SamplerParameters {
    var n: Float = -1
  }

  static let name = "top_n_sigma"
  static let summary = "Keeps candidates within n standard deviations of the highest logit."
  static let parameters: [Parameter<Parameters>] = [
    .number(
      "top_n_sigma", \.n, -1...1000, off: -1,
      "How many standard deviations below the highest logit to keep, usually 1; 0 or less turns it off.")
  ]

  private let n: Float

  init?(_ parameters: Parameters, _ context: StageContext) {
    if parameters.n <= 0 { return nil }
    n = parameters.n
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    guard candidates.count > 1 else { return }
    var sum = 0.0
    var counted = 0.0
    for index in 0..<candidates.count where candidates.logit(at: index) > -.infinity {
      sum += Double(candidates.logit(at: index))
      counted += 1
    }
    guard counted > 0 else { throw .noCandidates(reason: "the chain left no candidate") }
    let mean = sum / counted
    var squares = 0.0
    for index in 0..<candidates.count where candidates.logit(at: index) > -.infinity {
      let distance = Double(candidates.logit(at: index)) - mean
      squares += distance * distance
    }
    let deviation = Float((squares / counted).squareRoot())
    candidates.keepLogits(atLeast: candidates.largestLogit() - n * deviation)
  }
}

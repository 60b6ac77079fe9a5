/// Keeps the k most probable candidates; with ties, also those as probable as the last of them.
struct TopK: BuiltInSampler {
  struct Parameters: SamplerParameters {
    var k = 40
    var keepsTies = false
  }

  static let name = "top_k"
  static let summary = "Keeps the k most probable candidates."
  static let parameters: [Parameter<Parameters>] = [
    .integer(
      "top_k", \.k, -1...Limits.count, off: 0,
      "How many candidates to keep, usually 20 to 100; 0 or -1 turns it off."),
    .keepsTies(\.keepsTies),
  ]

  private let values: Parameters

  init?(_ parameters: Parameters, _ context: StageContext) {
    if parameters.k <= 0 { return nil }
    values = parameters
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    if values.keepsTies { candidates.keepTopAndTies(values.k) } else { candidates.keepTop(values.k) }
  }
}

/// The pick of the highest logit, the lowest id among equals.
struct Greedy: BuiltInSampler {
  static let name = "greedy"
  static let summary = "Picks the most probable token; among equals, the one with the lowest id."
  static let selectsToken = true

  init?(_ parameters: NoParameters, _ context: StageContext) {}

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    candidates.keepTop(1)
    guard candidates.count > 0 else { throw .noCandidates(reason: "the chain left no candidate") }
    candidates.select(0)
  }
}

/// The bound, in bits of surprise, that both versions of Mirostat move towards their target with each pick.
///
/// Source: Basu et al., "Mirostat", 2021; it starts at twice the target, as in llama.cpp.
struct SurpriseBound {
  /// What both versions take.
  struct Parameters: SamplerParameters {
    var target: Float = 5
    var rate: Float = 0.1
  }

  static let parameters: [Parameter<Parameters>] = [
    .number(
      "mirostat_tau", \.target, 0...1000,
      "The surprise to aim for, in bits; usually 3 to 5; lower is more predictable."),
    .number(
      "mirostat_eta", \.rate, 0...1000,
      "How fast the bound adapts to the surprise of each pick; usually 0.1."),
  ]

  /// The largest surprise that a candidate may have, in bits.
  private(set) var bits: Float
  private let values: Parameters

  init(_ parameters: Parameters) {
    values = parameters
    bits = 2 * parameters.target
  }

  /// Moves the bound after a pick of some probability.
  mutating func move(picked probability: Float) {
    bits -= values.rate * (-binaryLogarithm(probability) - values.target)
  }

  /// Starts again.
  mutating func reset() { bits = 2 * values.target }
}

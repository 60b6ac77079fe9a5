/// Every bound of this module, by name.
enum Limits {
  /// Largest magnitude of a finite logit; larger ones, +∞ included, become this, so that dividing by the smallest
  /// temperature cannot overflow.
  static let logitMagnitude: Float = 1e30
  /// Smallest number that logits are divided by directly: 10³⁰ divided by it is still a finite float.
  static let smallestDivisor: Float = 1e-6
  /// Largest value that a penalty, bias, temperature or exponent parameter may have.
  static let parameterMagnitude: Double = 1e6
  /// Largest value that a count parameter (`top_k`, `penalty_last_n`, …) may have.
  static let count = 16_777_216
  /// Most stages in a chain.
  static let stages = 64
  /// Most entries of a logit bias.
  static let biases = 16_384
  /// Most sequence breakers of `dry`.
  static let breakers = 65_536
  /// Most tokens in one sequence breaker: a first token and the 20 after it that llama.cpp keeps.
  static let breakerLength = 21
  /// How many of the model's most probable tokens a trace lists.
  static let tracedCandidates = 5
  /// Up to this many keys are sorted by insertion, more by their digits.
  static let insertionSort = 48
  /// Up to this many candidates are all sorted, even if fewer are wanted.
  static let wholeSort = 512
  /// First guess of how many candidates make up the nucleus of `top_p`.
  static let firstSortedPart = 256
}

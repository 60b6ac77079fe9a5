/// Every bound of this module, by name.
enum Limits {
  /// Largest magnitude of a finite logit; anything beyond (also +∞) is moved here, so that dividing by the
  /// smallest temperature cannot overflow.
  static let logitMagnitude: Float = 1e30
  /// Logits are divided as they are by numbers from this on: 10³⁰ divided by it is still a finite float.
  static let smallestDivisor: Float = 1e-6
  /// Largest value that a penalty, bias, temperature or exponent parameter may have.
  static let parameterMagnitude: Double = 1e6
  /// Largest value that a count parameter (`top_k`, `penalty_last_n`, …) may have.
  static let count = 16_777_216
  /// Stages in a chain, at most.
  static let stages = 64
  /// Entries of a logit bias, at most.
  static let biases = 16_384
  /// Sequence breakers of `dry`, at most.
  static let breakers = 65_536
  /// Tokens in one sequence breaker, at most; as many as llama.cpp keeps behind a head token, and that head.
  static let breakerLength = 21
  /// Tokens of the model's own distribution in a trace.
  static let tracedCandidates = 5
  /// Up to this many keys are sorted by insertion; more by their digits.
  static let insertionSort = 48
  /// Up to this many candidates are sorted whole, whatever is wanted of them.
  static let wholeSort = 512
  /// First guess of how many candidates hold the mass that `top_p` wants.
  static let firstSortedPart = 256
}

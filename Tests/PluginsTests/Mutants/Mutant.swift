/// A teaching plugin with one mistake.
struct Mutant: Sendable {
  /// What must become of it.
  enum Outcome: Sendable {
    /// It is refused for this property, or while it is opened.
    case breaks(String)
    /// It is accepted, since the contract allows it.
    case isAllowed(String)
  }

  /// The mutated file, in `plugins`.
  let file: String
  /// The function that is mutated.
  let function: String
  /// A text that occurs once in the file, and what replaces it.
  let from: String
  let to: String
  let outcome: Outcome

  init(_ file: String, _ function: String, _ from: String, _ to: String, _ outcome: Outcome) {
    self.file = file
    self.function = function
    self.from = from
    self.to = to
    self.outcome = outcome
  }

  static let all = sampler + template + tokenizer + jitter
}

public import Tokens

/// A value of a sampler parameter.
public enum ParameterValue: Sendable, Equatable {
  /// A real number.
  case number(Double)
  /// A whole number.
  case integer(Int)
  /// Added to the logits of some tokens.
  case biases([TokenBias])
  /// Lists of tokens, such as the sequence breakers of `dry`.
  case sequences([[TokenID]])
}

extension ParameterValue: CustomStringConvertible {
  /// The value as a person would type it; lists by their length.
  public var description: String {
    switch self {
    case .number(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .biases(let biases): "\(biases.count) biases"
    case .sequences(let sequences): "\(sequences.count) sequences"
    }
  }

  /// The real or whole number; nil for lists.
  var number: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    case .biases, .sequences: nil
    }
  }
}

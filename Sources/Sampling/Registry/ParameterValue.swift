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

/// What is added to the logit of one token; -∞ bans it.
public struct TokenBias: Sendable, Equatable {
  /// The token.
  public var token: TokenID
  /// Added to its logit.
  public var bias: Float

  /// A bias of one token.
  public init(token: TokenID, bias: Float) {
    self.token = token
    self.bias = bias
  }
}

/// What a parameter takes.
public enum ParameterKind: Sendable, Equatable {
  /// A real number in a range, both ends included.
  case number(ClosedRange<Double>)
  /// A whole number in a range, both ends included.
  case integer(ClosedRange<Int>)
  /// Up to `Limits.biases` token biases, each within ±`Limits.parameterMagnitude` or -∞.
  case biases
  /// Up to `Limits.breakers` token lists of 1 to `Limits.breakerLength` tokens.
  case sequences
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
}

extension ParameterKind: CustomStringConvertible {
  /// Type and range in a few words.
  public var description: String {
    switch self {
    case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .biases:
      "at most \(Limits.biases) token biases, each within ±\(Limits.parameterMagnitude) or minus infinity"
    case .sequences: "at most \(Limits.breakers) token lists of 1 to \(Limits.breakerLength) tokens"
    }
  }

  /// The value in the form that stages read (a whole number is also a number), or the reason why it is not one.
  func checked(_ value: ParameterValue, field: String, vocabularySize: Int?) throws(SamplingError)
    -> ParameterValue
  {
    let failure = SamplingError.outOfRange(field: field, value: value.description, expected: description)
    switch (self, value) {
    case (.number(let range), .number(let number)):
      guard range.contains(number) else { throw failure }
    case (.number(let range), .integer(let integer)):
      guard range.contains(Double(integer)) else { throw failure }
      return .number(Double(integer))
    case (.integer(let range), .integer(let integer)):
      guard range.contains(integer) else { throw failure }
    case (.integer(let range), .number(let number)):
      guard let integer = Int(exactly: number) else { throw .wrongType(field: field, expected: description) }
      guard range.contains(integer) else { throw failure }
      return .integer(integer)
    case (.biases, .biases(let biases)):
      guard biases.count <= Limits.biases else { throw failure }
      for entry in biases {
        try checkToken(entry.token, field: field, vocabularySize: vocabularySize)
        guard entry.bias == -.infinity || Double(entry.bias.magnitude) <= Limits.parameterMagnitude else {
          throw .outOfRange(field: "\(field)[\(entry.token)]", value: "\(entry.bias)", expected: description)
        }
      }
    case (.sequences, .sequences(let sequences)):
      guard sequences.count <= Limits.breakers else { throw failure }
      for sequence in sequences {
        guard (1...Limits.breakerLength).contains(sequence.count) else { throw failure }
        for token in sequence { try checkToken(token, field: field, vocabularySize: vocabularySize) }
      }
    default: throw .wrongType(field: field, expected: description)
    }
    return value
  }

  private func checkToken(_ token: TokenID, field: String, vocabularySize: Int?) throws(SamplingError) {
    let end = vocabularySize ?? Int(Int32.max)
    guard token.index >= 0, token.index < end else {
      throw .outOfRange(field: field, value: "token \(token)", expected: "a token from 0 to \(end - 1)")
    }
  }
}

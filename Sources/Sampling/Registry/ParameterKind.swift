import Tokens

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

extension ParameterKind: CustomStringConvertible {
  /// Type and range in a few words.
  public var description: String {
    switch self {
    case .number(let range): "a number from \(shortest(range.lowerBound)) to \(shortest(range.upperBound))"
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .biases:
      "at most \(Limits.biases) token biases, each within ±\(shortest(Limits.parameterMagnitude)) or minus infinity"
    case .sequences: "at most \(Limits.breakers) token lists of 1 to \(Limits.breakerLength) tokens"
    }
  }

  /// A bound as people write it: 1 and not 1.0.
  private func shortest(_ bound: Double) -> String {
    Int(exactly: bound).map { "\($0)" } ?? "\(bound)"
  }
}

extension ParameterKind {
  /// The value in the form that stages read (a whole number is also a real one).
  ///
  /// - Throws: `outOfRange` or `wrongType`, naming `field`.
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
          throw .outOfRange(
            field: "\(field)[\(entry.token)]", value: "\(entry.bias)",
            expected: "within ±\(shortest(Limits.parameterMagnitude)), or minus infinity")
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

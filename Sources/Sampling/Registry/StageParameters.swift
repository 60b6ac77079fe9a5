/// The checked values that a stage is made from: one for each parameter, of the right kind and in range.
public struct StageParameters: Sendable {
  let values: [String: ParameterValue]

  /// The real number of a name; a name that is not a number of the descriptor is a programmer error.
  public func number(_ name: String) -> Double {
    guard case .number(let value) = values[name] else { preconditionFailure("no number named \(name)") }
    return value
  }

  /// The whole number of a name; a name that is not an integer of the descriptor is a programmer error.
  public func integer(_ name: String) -> Int {
    guard case .integer(let value) = values[name] else { preconditionFailure("no integer named \(name)") }
    return value
  }

  /// The value of a name, of whatever kind.
  public subscript(name: String) -> ParameterValue? { values[name] }
}

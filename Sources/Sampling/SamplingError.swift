/// Why a chain was refused, or why a step picked no token.
public enum SamplingError: Error, Equatable, Sendable {
  /// No stage of that name is registered.
  case unknownStage(name: String, nearest: String?)
  /// The stage has no parameter of that name.
  case unknownParameter(stage: String, name: String, nearest: String?)
  /// No setting of that name exists.
  case unknownSetting(name: String, nearest: String?)
  /// No order profile of that name exists.
  case unknownProfile(name: String, nearest: String?)
  /// The value is outside what the field takes; `expected` completes "it must be".
  case outOfRange(field: String, value: String, expected: String)
  /// The value is not of the type that the field takes.
  case wrongType(field: String, expected: String)
  /// The setting would have no effect in this chain; nothing is ignored silently.
  case inapplicable(field: String, reason: String)
  /// The stages do not form a chain.
  case invalidChain(reason: String)
  /// A stage of that name is already registered.
  case duplicateStage(name: String)
  /// The model gave no number that a token could be picked by: all of its logits are NaN or -∞.
  case noLogits(count: Int)
  /// No candidate is left to pick.
  case noCandidates(reason: String)
  /// A stage of a plugin failed.
  case stageFailed(stage: String, reason: String)
}

extension SamplingError: CustomStringConvertible {
  /// What is wrong and, where that is known, what would be right, in one line.
  public var description: String {
    switch self {
    case .unknownStage(let name, let nearest): "unknown sampler stage '\(name)'" + Self.hint(nearest)
    case .unknownParameter(let stage, let name, let nearest):
      "sampler stage '\(stage)' has no parameter '\(name)'" + Self.hint(nearest)
    case .unknownSetting(let name, let nearest): "unknown sampler setting '\(name)'" + Self.hint(nearest)
    case .unknownProfile(let name, let nearest): "unknown sampler profile '\(name)'" + Self.hint(nearest)
    case .outOfRange(let field, let value, let expected): "\(field) is \(value); it must be \(expected)"
    case .wrongType(let field, let expected): "\(field) has the wrong type; expected \(expected)"
    case .inapplicable(let field, let reason): "\(field) would have no effect: \(reason)"
    case .invalidChain(let reason): "invalid sampler chain: \(reason)"
    case .duplicateStage(let name): "a sampler stage named '\(name)' is already registered"
    case .noLogits(let count): "the model failed: all \(count) logits are NaN or minus infinity"
    case .noCandidates(let reason): "no token can be picked: \(reason)"
    case .stageFailed(let stage, let reason): "sampler stage '\(stage)' failed: \(reason)"
    }
  }

  /// The field that the caller has to change; nil if the error is not about one field.
  public var field: String? {
    switch self {
    case .unknownStage(let name, _), .unknownSetting(let name, _), .unknownProfile(let name, _): name
    case .unknownParameter(let stage, let name, _): "\(stage).\(name)"
    case .outOfRange(let field, _, _), .wrongType(let field, _), .inapplicable(let field, _): field
    case .invalidChain, .duplicateStage, .noLogits, .noCandidates, .stageFailed: nil
    }
  }

  private static func hint(_ nearest: String?) -> String {
    nearest.map { "; did you mean '\($0)'?" } ?? ""
  }
}

/// What a call of a plugin did wrong.
public enum PluginFault: Error, Sendable, Equatable {
  /// It returned a status other than WB_OK.
  case failed(status: Int32, message: String)
  /// It refused what it was asked for: no fault of the plugin's.
  case refused(message: String)
  /// It left a number of candidates that cannot be.
  case candidateCount(left: UInt, given: Int)
  /// A logit is NaN.
  case notANumber
  /// Every logit is minus infinity.
  case allImpossible
  /// A token that was not among the candidates.
  case foreignToken
  /// It exchanged the arrays that it was lent for others.
  case exchangedArrays
  /// The place that it selected is not among the candidates.
  case selection(place: Int64, left: Int)
  /// It wrote outside of the memory that it was lent: nothing in this process can be relied on any more.
  case corruptedMemory
  /// It took longer than its budget.
  case overBudget(nanoseconds: UInt64, budget: UInt64)
  /// Its text is not UTF-8; `offset` in bytes.
  case notText(offset: Int)
  /// It wrote more than `limit` bytes, pieces or tokens.
  case tooMuchOutput(limit: Int, unit: String)
  /// What it appended is not possible.
  case impossibleOutput(String)
  /// It faulted too often.
  case disabled(reason: String)

  /// Whether it counts against the plugin.
  var counts: Bool {
    switch self {
    case .refused, .disabled: false
    default: true
    }
  }
}

extension PluginFault: CustomStringConvertible {
  /// What happened, as the rest of a sentence that begins with what was called.
  public var description: String {
    switch self {
    case .failed(let status, let message):
      "failed with \(Self.name(of: status))" + (message.isEmpty ? "" : ": \(message)")
    case .refused(let message): "refused" + (message.isEmpty ? "" : ": \(message)")
    case .candidateCount(let left, let given): "left \(left) of \(given) candidates"
    case .notANumber: "wrote a logit that is not a number"
    case .allImpossible: "left only candidates with a logit of minus infinity"
    case .foreignToken: "returned a token that was not among the candidates"
    case .exchangedArrays: "exchanged the arrays that it was lent"
    case .selection(let place, let left): "selected place \(place) of \(left) candidates"
    case .corruptedMemory: "wrote outside of the memory that it was lent"
    case .overBudget(let nanoseconds, let budget):
      "took \(milliseconds(nanoseconds)) ms; its budget is \(milliseconds(budget)) ms"
    case .notText(let offset): "wrote text that is not UTF-8 at byte \(offset)"
    case .tooMuchOutput(let limit, let unit): "wrote more than \(limit) \(unit)"
    case .impossibleOutput(let reason): reason
    case .disabled(let reason): "is disabled: \(reason)"
    }
  }

  private static func name(of status: Int32) -> String {
    switch status {
    case 2: "WB_INVALID_ARGUMENT"
    case 3: "WB_OUT_OF_MEMORY"
    case 4: "WB_UNSUPPORTED"
    case 5: "WB_LIMIT"
    default: "status \(status)"
    }
  }
}

/// Nanoseconds as milliseconds with one decimal.
func milliseconds(_ nanoseconds: UInt64) -> String {
  let tenths = nanoseconds / 100_000
  return "\(tenths / 10).\(tenths % 10)"
}

/// What went wrong in a call of a plugin.
public enum PluginFault: Error, Sendable, Equatable {
  /// It returned a status other than WB_OK.
  case failed(status: Int32, message: String)
  /// It refused the request, which is not a fault of the plugin.
  case refused(message: String)
  /// It left an impossible number of candidates.
  case candidateCount(left: UInt, given: Int)
  /// It wrote a logit that is NaN.
  case notANumber
  /// It left no logit above minus infinity.
  case allImpossible
  /// It returned a token that was not among the candidates.
  case foreignToken
  /// It replaced the arrays that it was lent.
  case replacedArrays
  /// The index that it selected is not that of a candidate.
  case selection(index: Int64, left: Int)
  /// It wrote outside the memory it was lent: nothing in this process can be relied on any more.
  case corruptedMemory
  /// It took more processor time than its budget.
  case overBudget(nanoseconds: UInt64, budget: UInt64)
  /// It wrote text that is not valid UTF-8 from byte `offset` on.
  case notText(offset: Int)
  /// It wrote more than `limit` bytes, pieces or tokens.
  case tooMuchOutput(limit: Int, unit: String)
  /// It returned or appended something impossible; the text says what.
  case impossibleOutput(String)
  /// It was disabled after too many faults.
  case disabled(reason: String)

  /// Whether it counts towards disabling the plugin.
  var counts: Bool {
    switch self {
    case .refused, .disabled: false
    default: true
    }
  }
}

extension PluginFault: CustomStringConvertible {
  /// What happened, as the rest of a sentence whose subject is what was called.
  public var description: String {
    switch self {
    case .failed(let status, let message):
      "failed" + (status == Status.failed ? "" : " with \(Status.name(of: status))")
        + (message.isEmpty ? "" : ": \(message)")
    case .refused(let message): "refused the request" + (message.isEmpty ? "" : ": \(message)")
    case .candidateCount(let left, let given): "left \(left) of \(given) candidates"
    case .notANumber: "wrote a logit that is not a number"
    case .allImpossible: "left only candidates with a logit of minus infinity"
    case .foreignToken: "returned a token that was not among the candidates"
    case .replacedArrays: "replaced the arrays that it was lent"
    case .selection(let index, let left): "selected index \(index) of \(left) candidates"
    case .corruptedMemory: "wrote outside the memory it was lent"
    case .overBudget(let nanoseconds, let budget):
      "took \(milliseconds(nanoseconds)) ms of processor time; its budget is \(milliseconds(budget)) ms"
    case .notText(let offset): "wrote text that is not UTF-8 at byte \(offset)"
    case .tooMuchOutput(let limit, let unit):
      "wrote more than " + (unit == "bytes" ? byteCount(limit) : "\(limit) \(unit)")
    case .impossibleOutput(let reason): reason
    case .disabled(let reason): "is disabled: \(reason)"
    }
  }
}

/// Nanoseconds as milliseconds with one decimal.
func milliseconds(_ nanoseconds: UInt64) -> String {
  let tenths = nanoseconds / 100_000
  return "\(tenths / 10).\(tenths % 10)"
}

/// A number of bytes in the largest unit that it is a multiple of: "4 MiB".
func byteCount(_ bytes: Int) -> String {
  let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")]
  guard let (shift, unit) = units.first(where: { bytes >= 1 << $0.0 && bytes % (1 << $0.0) == 0 }) else {
    return "\(bytes) bytes"
  }
  return "\(bytes >> shift) \(unit)"
}

import CWorkbenchPlugin

/// The statuses that calls of the interface return.
enum Status {
  static let ok = wb_status(WB_OK)
  static let failed = wb_status(WB_FAILED)
  static let invalidArgument = wb_status(WB_INVALID_ARGUMENT)
  static let limit = wb_status(WB_LIMIT)

  /// The name of a status in the header; an unknown one by its number.
  static func name(of status: wb_status) -> String {
    switch Int(status) {
    case WB_OK: "WB_OK"
    case WB_FAILED: "WB_FAILED"
    case WB_INVALID_ARGUMENT: "WB_INVALID_ARGUMENT"
    case WB_OUT_OF_MEMORY: "WB_OUT_OF_MEMORY"
    case WB_UNSUPPORTED: "WB_UNSUPPORTED"
    case WB_LIMIT: "WB_LIMIT"
    default: "the unknown status \(status)"
    }
  }
}

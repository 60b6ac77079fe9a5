import CWorkbenchPlugin

/// The statuses of calls, as the interface passes them.
enum Status {
  static let ok = wb_status(WB_OK)
  static let failed = wb_status(WB_FAILED)
  static let invalidArgument = wb_status(WB_INVALID_ARGUMENT)
  static let limit = wb_status(WB_LIMIT)
}

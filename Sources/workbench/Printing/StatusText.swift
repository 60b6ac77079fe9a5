import WorkbenchAPI

/// The daemon's status as text.
enum StatusText {
  private static func state(_ state: ProtoStateStatus) -> String {
    state.path.isEmpty ? "none, until the daemon ends" : "\(state.path) (\(Format.bytes(state.bytes)))"
  }

  /// The daemon's fields, then a table of its models.
  static func text(_ status: ProtoDaemonStatusResponse) -> String {
    var fields = Fields()
    fields.add("version", "\(status.version) (gRPC \(status.grpcVersion))")
    fields.add("pid", "\(status.pid)\(status.draining ? ", draining" : "")")
    fields.add("uptime", Format.seconds(status.uptime))
    fields.add("listening", status.addresses.joined(separator: ", "))
    fields.add("active calls", "\(status.liveCalls)")
    fields.add("memory", Format.bytes(status.residentBytes))
    fields.add("kernels", status.instructionSet)
    fields.add("sandbox", status.sandbox.isEmpty ? "none" : status.sandbox.joined(separator: ", "))
    fields.add("state", state(status.state))
    if status.logLinesLost > 0 { fields.add("lost log lines", "\(status.logLinesLost)") }
    fields.add("models", status.models.isEmpty ? "none" : "\(status.models.count)")
    let hit = status.limits.filter { $0.hits > 0 }
    fields.add("limits hit", hit.map { "\($0.name) (\($0.hits))" }.joined(separator: ", "))
    fields.add(
      "damaged state", status.state.damagedCopy.isEmpty ? "" : "moved to \(status.state.damagedCopy)")
    fields.add("unreadable", status.state.unreadable.joined(separator: "; "))
    return fields.text + (status.models.isEmpty ? "" : "\n" + ModelText.table(status.models))
  }
}

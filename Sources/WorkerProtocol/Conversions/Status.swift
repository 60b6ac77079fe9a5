public import Runtime
import SwiftProtobuf
import WorkbenchAPI

extension WorkerStatus {
  /// The status that a worker sent.
  public init(_ response: WorkerStatusResponse) throws {
    self.init()
    engine = try EncodedMessage(response.engine)
    residentBytes = Int(clamping: response.residentBytes)
    plugins = response.plugins.map { PluginUse($0) }
  }
}

extension WorkerPluginUse {
  /// The figures of something that a library offers, on their way to the daemon.
  public init(_ use: PluginUse) {
    self.init()
    kind = use.kind
    name = use.name
    calls = use.calls
    nanoseconds = use.nanoseconds
    longestNanoseconds = use.longestNanoseconds
    faults = use.faults
    lastFault = use.lastFault
    disabled = use.disabled
  }
}

extension PluginUse {
  fileprivate init(_ message: WorkerPluginUse) {
    self.init(kind: message.kind, name: message.name)
    calls = message.calls
    nanoseconds = message.nanoseconds
    longestNanoseconds = message.longestNanoseconds
    faults = message.faults
    lastFault = message.lastFault
    disabled = message.disabled
  }
}

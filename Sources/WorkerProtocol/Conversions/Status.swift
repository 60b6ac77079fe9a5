public import Runtime
import SwiftProtobuf
import WorkbenchAPI

extension WorkerStatus {
  /// What a worker sent of itself.
  public init(_ response: WorkerStatusResponse) throws {
    self.init()
    engine = try EncodedMessage(response.engine)
    residentBytes = Int(clamping: response.residentBytes)
    plugins = response.plugins.map { PluginUse($0) }
  }
}

extension WorkerPluginUse {
  /// What a worker has seen of something that a library offers.
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

/// A worker's report on its engine, memory and plugins.
public struct WorkerStatus: Sendable, Equatable {
  /// A `workbench.v1.EngineStatus`.
  public var engine = EncodedMessage([UInt8]())
  /// The process's resident memory in bytes.
  public var residentBytes = 0
  /// Calls, costs and faults of everything that its plugin libraries offer.
  public var plugins: [PluginUse] = []

  /// All zero.
  public init() {}
}

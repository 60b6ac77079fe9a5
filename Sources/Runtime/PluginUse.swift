/// Calls, costs and faults of a sampler, template or tokenizer of a library.
public struct PluginUse: Sendable, Equatable {
  /// "sampler", "template" or "tokenizer".
  public var kind: String
  /// How requests name it.
  public var name: String
  /// Calls that did the work: a sampler's steps, a template's renderings, a tokenizer's texts.
  public var calls: UInt64 = 0
  /// Total time of the calls, in nanoseconds.
  public var nanoseconds: UInt64 = 0
  /// Time of the longest call, in nanoseconds.
  public var longestNanoseconds: UInt64 = 0
  /// Calls that failed, took too long or returned an impossible result.
  public var faults: UInt64 = 0
  /// Message of the last fault; empty if there was none.
  public var lastFault = ""
  /// Why it is no longer called; empty while it is.
  public var disabled = ""

  /// Something that has not been called yet.
  public init(kind: String, name: String) {
    self.kind = kind
    self.name = name
  }

  /// Adds the figures of the same thing in another worker.
  public mutating func add(_ other: PluginUse) {
    calls &+= other.calls
    nanoseconds &+= other.nanoseconds
    longestNanoseconds = max(longestNanoseconds, other.longestNanoseconds)
    faults &+= other.faults
    if !other.lastFault.isEmpty { lastFault = other.lastFault }
    if !other.disabled.isEmpty { disabled = other.disabled }
  }
}

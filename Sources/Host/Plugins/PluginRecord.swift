public import Runtime

/// A plugin library that the daemon found at start-up, and whether workers may open it.
public struct PluginRecord: Sendable, Equatable {
  /// A sampler, template or tokenizer that a library offers.
  public struct Offer: Sendable, Equatable {
    /// "sampler", "template" or "tokenizer".
    public var kind: String
    /// How requests name it.
    public var name: String
    /// One-line description.
    public var summary: String
    /// Time of a call in the trial, in nanoseconds; nil if it was not timed.
    public var nanoseconds: UInt64?

    /// What it has cost in the workers that run now.
    public var use: PluginUse
    /// Models whose workers no longer call it, because it faulted too often there.
    public var disabledIn: [String] = []

    /// An offer that has not been used yet.
    public init(kind: String, name: String, summary: String, nanoseconds: UInt64?) {
      use = PluginUse(kind: kind, name: name)
      self.kind = kind
      self.name = name
      self.summary = summary
      self.nanoseconds = nanoseconds
    }
  }

  /// Path of the library.
  public var path: String
  /// The name that it gives itself; empty if it gave none.
  public var name = ""
  /// Its own version.
  public var version = ""
  /// One-line description.
  public var summary = ""
  /// What it offers.
  public var offers: [Offer] = []
  /// Why it was not accepted; nil when it was.
  public var refusal: String?
  /// Workers that ended while they were calling it.
  public var deaths = 0
  /// Why workers no longer open it; nil while they do.
  public var quarantine: String?

  /// Whether workers open it.
  public var isUsable: Bool { refusal == nil && quarantine == nil }

  /// A library of which nothing is known yet.
  public init(path: String) {
    self.path = path
  }
}

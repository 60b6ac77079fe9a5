public import Runtime

/// A plugin library that the daemon found at start-up, and whether workers may open it.
public struct PluginRecord: Sendable, Equatable {
  /// Something that a library offers.
  public struct Offer: Sendable, Equatable {
    /// "sampler", "template" or "tokenizer".
    public var kind: String
    /// How requests name it.
    public var name: String
    /// One line on what it is.
    public var summary: String
    /// What a call took when it was tried; nil: it was not timed.
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

  /// The library.
  public var path: String
  /// What it calls itself; empty when it never said.
  public var name = ""
  /// Its own version.
  public var version = ""
  /// One line on what it is.
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

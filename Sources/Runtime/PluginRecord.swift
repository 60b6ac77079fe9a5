/// A plugin library as the daemon found it at start-up.
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

    /// An offer.
    public init(kind: String, name: String, summary: String, nanoseconds: UInt64?) {
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
  /// Why it is not used; nil when it is.
  public var refusal: String?

  /// A library of which nothing is known yet.
  public init(path: String) {
    self.path = path
  }
}

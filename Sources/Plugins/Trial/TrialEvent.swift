/// What a trial reports, each step before it is taken, so that a crash can be named after what the library was doing.
public enum TrialEvent: Sendable, Equatable {
  /// What a library calls itself and what it offers.
  public struct Library: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its own version.
    public var version: String
    /// One line on what it is.
    public var summary: String
    /// Its samplers, templates and tokenizers.
    public var offers: [Offer]
  }

  /// A sampler, template or tokenizer of the library.
  public struct Offer: Sendable, Equatable {
    /// "sampler", "template" or "tokenizer".
    public var kind: String
    /// How requests name it.
    public var name: String
    /// One line on what it is.
    public var summary: String
  }

  /// A step is about to be taken: "open", a property, "process" or "exit".
  case step(subject: String, name: String)
  /// The library was opened.
  case library(Library)
  /// A check was made.
  case result(ConformanceResult)
  /// The process that held the library ended, or was ended, before its time.
  case end(LibraryEnd)
  /// The last event; nil: accepted.
  case verdict(refusal: String?)
}

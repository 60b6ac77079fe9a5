/// The outcome of one check of something that a library offers.
public struct ConformanceResult: Sendable, Equatable {
  /// What was checked.
  public enum Property: String, Sendable, CaseIterable {
    /// Instances can be made with every parameter at its default and at both ends of its range.
    case creation
    /// Of any set, at least one possible candidate is left; none is new, a duplicate or NaN.
    case candidates
    /// A clone behaves as its original does, and neither affects the other.
    case clone
    /// Equal seeds and inputs give equal results.
    case seed
    /// A reset restores the state after creation.
    case reset
    /// A thousand tokens, at both ends of the vocabulary too, can be accepted.
    case history
    /// Without WB_STATEFUL, a step does not affect later ones.
    case statelessness
    /// With WB_KEEPS_BEST the best candidate stays the best.
    case best
    /// What an instance holds is freed when it is destroyed.
    case destruction
    /// A simple conversation is rendered; others are rendered or refused.
    case rendering
    /// The same conversation gives the same prompt.
    case determinism
    /// What people wrote is marked as such, with the message that it is from.
    case origins
    /// The whole vocabulary can be read, and its special tokens are control tokens.
    case vocabulary
    /// Decoding what was encoded gives the same text, in eleven scripts; each byte belongs to a token.
    case roundTrip
    /// The spelling of a control token becomes that token in trusted text, and only there.
    case control
    /// Calls stay within their time limits.
    case cost
    /// The process is unchanged: threads, descriptors, signals, working directory, locale, rounding, memory.
    case process
  }

  /// What was checked: "sampler 'x'", "template 'y'", "tokenizer 'z'", "library".
  public let subject: String
  /// Which property of it.
  public let property: Property
  /// What is wrong, as the rest of a sentence about the subject; nil if nothing is.
  public let failure: String?
  /// The median time of a call in nanoseconds, for `cost`.
  public let nanoseconds: UInt64?

  init(_ subject: String, _ property: Property, failure: String? = nil, nanoseconds: UInt64? = nil) {
    self.subject = subject
    self.property = property
    self.failure = failure
    self.nanoseconds = nanoseconds
  }

  /// Whether the property holds.
  public var passed: Bool { failure == nil }
}

extension ConformanceResult: CustomStringConvertible {
  /// The subject with what is wrong, or with the property that holds, in one line.
  public var description: String {
    failure.map { "\(subject): \($0)" } ?? "\(subject): \(property.rawValue) passed"
  }
}

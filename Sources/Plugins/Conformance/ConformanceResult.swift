/// Whether something that a library offers has one of the properties that are asked of it.
public struct ConformanceResult: Sendable, Equatable {
  /// What was checked.
  public enum Property: String, Sendable, CaseIterable {
    /// Instances can be made with every parameter at its default and at both ends of its range.
    case creation
    /// At least one possible candidate is left of any set, none is new or twice there, none has NaN.
    case candidates
    /// A clone does as its original, and what happens to one does not reach the other.
    case clone
    /// Equal seeds and inputs give equal results.
    case seed
    /// After a reset everything is as after creation.
    case reset
    /// Without WB_STATEFUL a step leaves no trace.
    case statelessness
    /// With WB_KEEPS_BEST the best candidate stays the best.
    case best
    /// The fixed conversations are rendered.
    case rendering
    /// The same conversation gives the same prompt.
    case determinism
    /// What people wrote is marked as such.
    case origins
    /// The vocabulary can be read.
    case vocabulary
    /// Decoding what was encoded gives the text back, in ten scripts.
    case roundTrip
    /// Control tokens come from trusted text only.
    case control
    /// Calls stay within their time.
    case cost
    /// The process is as it was: threads, descriptors, signals, folder, locale, arithmetic, memory.
    case process
  }

  /// What was checked: "sampler 'x'", "template 'y'", "tokenizer 'z'", "library".
  public let subject: String
  /// The property.
  public let property: Property
  /// What is wrong, as a sentence about the subject; nil when nothing is.
  public let failure: String?
  /// What one call takes, for `cost`: the median, in nanoseconds.
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
  /// One line.
  public var description: String {
    failure.map { "\(subject): \($0)" } ?? "\(subject): \(property.rawValue) is as it should be"
  }
}

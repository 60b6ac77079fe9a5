/// Why a library was refused.
public struct PluginError: Error, Sendable, Equatable {
  /// The sort of reason.
  public enum Kind: String, Sendable {
    /// The file cannot be read, is no regular file, is too large or can be changed by everyone.
    case file
    /// The file is no shared library for this system.
    case format
    /// The library was built for another processor.
    case machine
    /// The system's loader refused it.
    case loader
    /// It does not export the entry function.
    case symbol
    /// Its entry function reported a failure.
    case entry
    /// It was built for another version of the interface.
    case version
    /// The size of a struct is impossible.
    case size
    /// A name or text is missing, too long or malformed.
    case text
    /// A count is beyond its limit, or an array is missing.
    case count
    /// A function that is needed is null.
    case function
    /// The description of a parameter contradicts itself.
    case parameter
    /// Two things have one name.
    case duplicate
    /// It wrote outside of the memory that it was given.
    case memory
  }

  /// The sort of reason.
  public let kind: Kind
  /// The library.
  public let path: String
  /// What is wrong and what would be right, in one line.
  public let reason: String

  init(_ kind: Kind, _ path: String, _ reason: String) {
    self.kind = kind
    self.path = path
    self.reason = reason
  }
}

extension PluginError: CustomStringConvertible {
  /// One line.
  public var description: String { "plugin \(path): \(reason)" }
}

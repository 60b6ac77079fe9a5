/// Why a library was refused.
public struct PluginError: Error, Sendable, Equatable {
  /// The kind of reason.
  public enum Kind: String, Sendable {
    /// The file cannot be read, is not a regular file, is too large, or can be changed by anyone.
    case file
    /// The file is not a shared library for this system.
    case format
    /// The library was built for another processor.
    case machine
    /// The system's loader refused it.
    case loader
    /// It does not export the entry function.
    case symbol
    /// Its entry function reported a failure.
    case entry
    /// It was built for an interface version that the host does not support.
    case version
    /// A struct has an impossible size or alignment.
    case size
    /// A name or text is missing, too long or malformed.
    case text
    /// A count exceeds its limit, or an array is missing.
    case count
    /// A required function is null.
    case function
    /// The description of a parameter contradicts itself.
    case parameter
    /// Two things have the same name.
    case duplicate
    /// It wrote outside the memory it was given, or there was not enough memory.
    case memory
  }

  /// Why, as a category for programs.
  public let kind: Kind
  /// The path of the library.
  public let path: String
  /// What is wrong and what would be right, in one line for people.
  public let reason: String

  init(_ kind: Kind, _ path: String, _ reason: String) {
    self.kind = kind
    self.path = path
    self.reason = reason
  }
}

extension PluginError: CustomStringConvertible {
  /// The library and the reason, in one line.
  public var description: String { "plugin \(path): \(reason)" }
}

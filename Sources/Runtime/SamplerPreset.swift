public import Sampling
import Units

/// A named sampler chain with values: checked by the daemon, built in the worker.
public struct SamplerPreset: Sendable, Equatable {
  /// Where a preset comes from.
  public enum Origin: String, Sendable {
    /// Ships with Workbench.
    case builtIn = "built-in"
    /// A file in a plugin folder.
    case plugin
    /// The samplers of the profile of the same name.
    case profile
  }

  /// The name in requests.
  public var name: String
  /// One-line description.
  public var summary: String
  /// Where it comes from.
  public var origin: Origin
  /// The values that it sets.
  public var settings: SamplerSettings

  /// A preset with these settings.
  public init(name: String, settings: SamplerSettings, origin: Origin, summary: String = "") {
    self.name = name
    self.settings = settings
    self.origin = origin
    self.summary = summary
  }
}

extension SamplerPreset {
  /// Maximum number of sequence breakers in a request or a preset.
  public static let breakerLimit = 64
  /// Maximum length of a sequence breaker in bytes, as in llama.cpp.
  public static let breakerBytes = 40

  /// Refuses sequence breakers that are empty, too long or too many.
  public static func check(breakers: [String]) throws(SamplingError) {
    let field = "dry_sequence_breakers"
    guard breakers.count <= breakerLimit else {
      throw .outOfRange(
        field: field, value: counted(breakers.count, "string"), expected: "at most \(breakerLimit)")
    }
    for (index, text) in breakers.enumerated() where !(1...breakerBytes).contains(text.utf8.count) {
      throw .outOfRange(
        field: "\(field)[\(index)]", value: "\(text.utf8.count) bytes long",
        expected: "1 to \(breakerBytes) bytes")
    }
  }
}

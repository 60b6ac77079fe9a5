public import Sampling

/// A named chain with values, as it travels: checked by the daemon, built where logits are.
public struct SamplerPreset: Sendable, Equatable {
  /// Where a preset comes from.
  public enum Origin: String, Sendable {
    /// Ships with Workbench.
    case builtIn = "built-in"
    /// A file of a plugin folder.
    case plugin
  }

  /// The name in requests.
  public var name: String
  /// One line on what it is for.
  public var summary: String
  /// Where it comes from.
  public var origin: Origin
  /// What it says of sampling.
  public var settings: SamplerSettings

  /// A preset by its settings.
  public init(name: String, settings: SamplerSettings, origin: Origin, summary: String = "") {
    self.name = name
    self.settings = settings
    self.origin = origin
    self.summary = summary
  }
}

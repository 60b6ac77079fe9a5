/// A sampler preset that ships with Workbench, written like a file in a plugin folder.
public struct BuiltInPreset: Sendable {
  /// The name that a request uses, such as `default`.
  public let name: String
  /// The content of its `NAME.preset.yaml`.
  public let yaml: String
}

/// The sampler presets that ship with Workbench, beside the samplers of the profiles.
public enum BuiltInPresets {
  /// In the order in which they are listed.
  public static let all = [
    BuiltInPreset(
      name: "default",
      yaml: """
        description: llama.cpp's order and defaults, for models that have a profile or another preset
        profile: llama.cpp
        """
    )
  ]

  /// The presets that are the samplers of a shipped profile.
  public static let ofProfiles = [
    (name: "synthia", profile: "synthia-7b-v1.3"), (name: "synatra", profile: "synatra-7b-v0.3-rp"),
  ]
}

/// A sampler preset that ships with Workbench, written like a file in a plugin folder.
public struct BuiltInPreset: Sendable {
  /// The name that a request uses, such as `synthia`.
  public let name: String
  /// The content of its `NAME.preset.yaml`.
  public let yaml: String
}

/// The sampler presets that ship with Workbench.
public enum BuiltInPresets {
  /// In the order in which they are listed.
  public static let all = [
    BuiltInPreset(
      name: "default",
      yaml: """
        description: llama.cpp's order and defaults, for models that have another preset
        profile: llama.cpp
        """
    ),
    // The numbers of the model card's own code, which samples with transformers.
    BuiltInPreset(
      name: "synthia",
      yaml: """
        description: What the card of SynthIA-7B-v1.3 samples with
        profile: transformers
        temperature: 0.75
        top_k: 50
        top_p: 1.0
        """
    ),
    // Its code says do_sample=True and leaves the rest to transformers.
    BuiltInPreset(
      name: "synatra",
      yaml: """
        description: What the card of Synatra-7B-v0.3-RP samples with
        profile: transformers
        """
    ),
  ]
}

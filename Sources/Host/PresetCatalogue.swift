import Runtime
import Sampling

/// The sampler presets by name.
struct PresetCatalogue: Sendable {
  /// The plugin folders' first, so that they hide what ships with Workbench.
  let all: [SamplerPreset]

  init(plugins: [SamplerPreset]) {
    all = plugins + BuiltInPresets.all.filter { preset in !plugins.contains { $0.name == preset.name } }
  }

  /// The options with the preset that they name, or the model's where they leave the choice to it.
  ///
  /// - Throws: `WorkbenchError` `.notFound` that names those there are.
  func resolve(_ options: GenerationOptions, model: String? = nil) throws -> GenerationOptions {
    let leavesChoice = options.sampling.profile == nil && options.sampling.chain == nil
    guard let name = options.presetName ?? (leavesChoice ? model : nil) else { return options }
    var options = options
    options.preset = try preset(name, field: "options.preset")
    return options
  }

  /// The preset of that name.
  ///
  /// - Throws: `WorkbenchError` `.notFound` that names those there are.
  func preset(_ name: String, field: String) throws -> SamplerPreset {
    guard let preset = all.first(where: { $0.name == name }) else {
      throw WorkbenchError(
        .notFound, "no preset is called \"\(name)\"; there are: \(all.map(\.name).joined(separator: ", "))",
        field: field)
    }
    return preset
  }
}

/// The presets that ship with Workbench, written as a file of a plugin folder would be.
enum BuiltInPresets {
  static let sources = [
    (
      name: "default",
      yaml: """
      description: llama.cpp's order and defaults, for models that have another preset
      profile: llama.cpp
      """
    ),
    // The numbers of the model card's own code, which samples with transformers.
    (
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
    (
      name: "synatra",
      yaml: """
      description: What the card of Synatra-7B-v0.3-RP samples with
      profile: transformers
      """
    ),
  ]

  /// Parsed; one that were not right is caught by the tests.
  static let all = sources.compactMap {
    try? PresetFile.preset(name: $0.name, yaml: $0.yaml, origin: .builtIn)
  }
}

import Runtime

/// The sampler presets by name.
struct PresetCatalogue: Sendable {
  /// The plugin folders' first, so that they hide what ships with Workbench.
  let all: [SamplerPreset]

  init(plugins: [SamplerPreset]) {
    all = plugins + BuiltInPresets.all.filter { preset in !plugins.contains { $0.name == preset.name } }
  }

  /// The options with the preset that they name.
  ///
  /// - Throws: `WorkbenchError` `.notFound` that names those there are.
  func resolve(_ options: GenerationOptions) throws -> GenerationOptions {
    guard let name = options.presetName else { return options }
    guard let preset = all.first(where: { $0.name == name }) else {
      throw WorkbenchError(
        .notFound, "no preset is called \"\(name)\"; there are: \(all.map(\.name).joined(separator: ", "))",
        field: "options.preset")
    }
    var options = options
    options.preset = preset
    return options
  }
}

/// The presets that ship with Workbench, written as a file of a plugin folder would be.
enum BuiltInPresets {
  static let sources = [
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
    )
  ]

  /// Parsed; one that were not right is caught by the tests.
  static let all = sources.compactMap {
    try? PresetFile.preset(name: $0.name, yaml: $0.yaml, origin: .builtIn)
  }
}

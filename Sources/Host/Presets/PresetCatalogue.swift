import BuiltIns
import Runtime

/// The sampler presets by name.
struct PresetCatalogue: Sendable {
  /// Those of plugin folders first; they hide built-in ones of the same name.
  let all: [SamplerPreset]

  init(plugins: [SamplerPreset]) {
    all = plugins + Self.builtIn.filter { preset in !plugins.contains { $0.name == preset.name } }
  }

  /// The built-in presets, parsed; a test checks that none is missing.
  static let builtIn = BuiltInPresets.all.compactMap {
    try? PresetFile.preset(name: $0.name, yaml: $0.yaml, origin: .builtIn)
  }

  /// The preset that a request names; if it names neither a preset nor a chain, the model's.
  ///
  /// - Throws: `WorkbenchError` `.notFound` that lists the presets.
  func resolve(_ samplers: SamplerNames, model: String? = nil) throws -> SamplerPreset? {
    let name = samplers.preset ?? (samplers.choosesChain ? nil : model)
    return try name.map { try preset($0, field: "options.preset") }
  }

  /// The preset `name`.
  ///
  /// - Throws: `WorkbenchError` `.notFound` that lists the presets.
  func preset(_ name: String, field: String) throws -> SamplerPreset {
    guard let preset = all.first(where: { $0.name == name }) else {
      throw WorkbenchError(
        .notFound, "no preset is named '\(name)'; available: \(all.map(\.name).joined(separator: ", "))",
        field: field)
    }
    return preset
  }
}

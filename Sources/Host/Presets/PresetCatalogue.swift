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
  static let builtIn =
    BuiltInPresets.all.compactMap {
      try? PresetFile.preset(name: $0.name, yaml: $0.yaml, origin: .builtIn)
    }
    + BuiltInPresets.ofProfiles.compactMap { name, profile in
      let profile = ProfileCatalogue.builtIn.first { $0.name == profile }
      return profile?.samplers.map {
        SamplerPreset(
          name: name, settings: $0, origin: .builtIn,
          summary: "the samplers of the profile \(profile?.name ?? "")")
      }
    }

  /// The first of these that is given, unless the request chooses its chain itself: the request's preset, the samplers of
  /// the profile that the request names, the preset that was set for the model, the samplers of the model's profile.
  ///
  /// - Throws: `WorkbenchError` `.notFound` that lists the presets.
  func resolve(
    _ samplers: SamplerNames, set: String? = nil, profile: ProfileChoice? = nil
  ) throws -> SamplerPreset? {
    if let name = samplers.preset { return try preset(name, field: "options.preset") }
    if samplers.choosesChain { return nil }
    if profile?.origin == .request, let preset = profile?.profile.preset { return preset }
    return try set.map { try preset($0, field: "options.preset") } ?? profile?.profile.preset
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

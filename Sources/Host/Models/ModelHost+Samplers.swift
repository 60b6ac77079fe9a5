public import Runtime

extension ModelHost {
  /// The sampler presets that a request may name.
  public var samplerPresets: [SamplerPreset] { presets.all }

  /// Reads the sampler presets of `folders`, in addition to the built-in ones.
  ///
  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  public func usePresets(in folders: [String]) throws {
    let offers = plugins.records.filter(\.isUsable).flatMap(\.offers)
    let stages = Set(offers.filter { $0.kind == "sampler" }.map(\.name))
    presets = PresetCatalogue(
      plugins: try PluginFolders.presets(in: folders, pluginStages: stages, log: log))
  }
}

import Runtime
import Sampling
import Tokenizers

extension Pipeline {
  /// The chain of a request, and where each value in it came from.
  func sampling(
    _ options: GenerationOptions
  ) throws -> (chain: SamplerChain, settings: [GenerationFinish.Setting]) {
    var layers = [(source: SettingSource.request, settings: options.sampling)]
    if let preset = options.preset {
      let isProfile = preset.origin == .profile
      guard options.sampling.chain == nil else {
        throw WorkbenchError(
          .invalidArgument,
          "the preset '\(preset.name)' would have no effect, because the request gives the whole chain; "
            + "leave one of them out",
          field: "options.preset")
      }
      layers.append((isProfile ? .profile : .preset, preset.settings))
    }
    layers.append((.model, modelSettings))
    let effective = try EffectiveSettings(
      try layers.map { ($0.source, try breakers.resolve($0.settings)) }, registry: breakers.registry,
      vocabularySize: tokenizer.vocabularySize)
    let chain = try SamplerChain(
      effective.chain, registry: breakers.registry, vocabularySize: tokenizer.vocabularySize)
    let settings = effective.settings.map { setting in
      var setting = GenerationFinish.Setting(
        name: setting.name, value: setting.value, source: setting.source,
        sourceName: [.preset, .profile].contains(setting.source) ? options.preset?.name ?? "" : "")
      if setting.name == SettingName.drySequenceBreakers.rawValue {
        let texts = layers.first { $0.source == setting.source }?.settings.sequenceBreakers
        setting.value = "\(texts ?? SequenceBreakers.defaultTexts)"
      }
      return setting
    }
    return (chain, settings)
  }
}

/// One value that a request was run with.
public struct EffectiveSetting: Sendable, Equatable {
  /// The setting, or "stage.parameter" for a stage that is not built in; also "seed", "profile" and "order".
  public var name: String
  /// The value, as a person would type it.
  public var value: String
  /// Where the value came from.
  public var source: SettingSource
}

/// Layers of settings merged into one chain, with the origin of every value.
public struct EffectiveSettings: Sendable, Equatable {
  /// The chain to sample with.
  public var chain: ChainSpecification
  /// Every value that the chain was made from.
  public var settings: [EffectiveSetting]

  /// Merges layers; stronger sources override weaker ones, whatever their order in the array.
  ///
  /// - Parameters:
  ///   - layers: What each source says; at most one layer a source.
  ///   - registry: The stages that an order may name.
  ///   - vocabularySize: For checking token ids.
  /// - Throws: What is unknown or out of range; `inapplicable` if the request sets a value that no stage of its
  ///   chain reads, unless it is the value at which that stage would do nothing.
  public init(
    _ layers: [(source: SettingSource, settings: SamplerSettings)], registry: SamplerRegistry = .builtIn,
    vocabularySize: Int
  ) throws(SamplingError) {
    let ranked = SettingSource.allCases.compactMap { source in layers.first { $0.source == source } }
    var merge = SettingMerge(layers: ranked, registry: registry, vocabularySize: vocabularySize)
    self = try merge.run()
  }

  init(chain: ChainSpecification, settings: [EffectiveSetting]) {
    self.chain = chain
    self.settings = settings
  }
}

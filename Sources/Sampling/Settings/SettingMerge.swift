/// One merge of layers into a chain: chooses profile and stages, fills in their parameters, and refuses what is left.
struct SettingMerge {
  /// Strongest first; ends with the layer that gives a whole chain, if one does.
  private let layers: [(source: SettingSource, settings: SamplerSettings)]
  private let registry: SamplerRegistry
  private let vocabularySize: Int
  private var listed: [EffectiveSetting] = []
  private var read: Set<SettingName> = []

  init(
    layers: [(source: SettingSource, settings: SamplerSettings)], registry: SamplerRegistry,
    vocabularySize: Int
  ) {
    let last = layers.firstIndex { $0.settings.chain != nil }
    self.layers = last.map { Array(layers[...$0]) } ?? layers
    self.registry = registry
    self.vocabularySize = vocabularySize
  }

  /// The chain and where every value came from.
  mutating func run() throws(SamplingError) -> EffectiveSettings {
    for (_, settings) in layers where settings.chain != nil {
      guard let name = settings.values.keys.map(\.rawValue).min() else { continue }
      throw .inapplicable(field: name, reason: "the chain is given as data; put the value into its stage")
    }
    let profile = try chosenProfile()
    let planned = try chosenStages(profile)
    var stages: [ChainSpecification.Stage] = []
    for stage in planned { stages.append(try complete(stage, profile)) }
    try refuseUnread(planned.map(\.name))
    let seed = first { $0.seed }
    let value = seed?.value ?? UInt64.random(in: .min ... .max)
    list("seed", "\(value)", seed?.source ?? .defaults)
    let chain = ChainSpecification(stages: stages, seed: value)
    return EffectiveSettings(chain: chain, settings: listed)
  }

  private mutating func chosenProfile() throws(SamplingError) -> ChainProfile {
    let name = first { $0.profile }
    var profile = ChainProfile.llamaCpp
    if let name { profile = try ChainProfile.named(name.value) }
    list("profile", profile.name, name?.source ?? .defaults)
    return profile
  }

  /// The stages in order, with what a chain given as data says of their parameters.
  private mutating func chosenStages(_ profile: ChainProfile) throws(SamplingError)
    -> [ChainSpecification.Stage]
  {
    let mirostat = first { $0.values[.mirostat] }
    read.insert(.mirostat)
    if let mirostat {
      let value = try SettingName.mirostat.kind.checked(
        mirostat.value, field: "mirostat", vocabularySize: nil)
      list("mirostat", value.description, mirostat.source)
      // Mirostat replaces the whole order, as it does in llama.cpp.
      if value == .integer(1) { return [.init("logit_bias"), .init("temperature"), .init("mirostat")] }
      if value == .integer(2) { return [.init("logit_bias"), .init("temperature"), .init("mirostat_v2")] }
    }
    let order = first { settings in settings.order.map { $0.map { .init($0) } } ?? settings.chain }
    let stages = order?.value ?? profile.order.map { .init($0) }
    list("order", stages.map(\.name).joined(separator: ","), order?.source ?? .defaults)
    return stages
  }

  /// The stage with every parameter: what a layer says, else what the chain says, else the default.
  private mutating func complete(
    _ stage: ChainSpecification.Stage, _ profile: ChainProfile
  ) throws(SamplingError) -> ChainSpecification.Stage {
    let descriptor = try registry.entry(named: stage.name).descriptor
    try descriptor.refuseUnknown(stage.parameters.keys)
    var parameters: [String: ParameterValue] = [:]
    for parameter in descriptor.parameters {
      let setting = descriptor.origin == "built-in" ? SettingName(rawValue: parameter.name) : nil
      let field = setting?.rawValue ?? "\(stage.name).\(parameter.name)"
      var given = first { layer in
        if let setting { layer.values[setting] } else { layer.stageParameters[stage.name]?[parameter.name] }
      }
      if given == nil, let value = stage.parameters[parameter.name], let source = layers.last?.source {
        given = (source, value)
      }
      let fallback = setting.flatMap { profile.defaults[$0] } ?? parameter.defaultValue
      let value = try parameter.kind.checked(
        given?.value ?? fallback, field: field, vocabularySize: vocabularySize)
      parameters[parameter.name] = value
      if let setting, !read.insert(setting).inserted, stage.parameters.isEmpty { continue }
      list(field, value.description, given?.source ?? .defaults)
    }
    return ChainSpecification.Stage(stage.name, parameters)
  }

  /// Refuses values of the request that no stage reads, except those at which the stage would do nothing.
  private func refuseUnread(_ order: [String]) throws(SamplingError) {
    for (source, settings) in layers {
      for (stage, parameters) in settings.stageParameters.sorted(by: { $0.key < $1.key }) {
        try registry.entry(named: stage).descriptor.refuseUnknown(parameters.keys)
        if source == .request, !order.contains(stage) { throw inapplicable(stage, order) }
      }
      guard source == .request else { continue }
      for name in SettingName.allCases where !read.contains(name) {
        guard let value = settings.values[name] else { continue }
        if let neutral = name.parameter?.neutralValue, isSame(value, neutral) { continue }
        throw inapplicable(name.rawValue, order)
      }
    }
  }

  private func inapplicable(_ field: String, _ order: [String]) -> SamplingError {
    .inapplicable(field: field, reason: "no stage of the chain \(order.joined(separator: ",")) reads it")
  }

  private func isSame(_ value: ParameterValue, _ neutral: ParameterValue) -> Bool {
    if let left = value.number, let right = neutral.number { return left == right }
    return value == neutral
  }

  private func first<Value>(_ value: (SamplerSettings) -> Value?) -> (source: SettingSource, value: Value)? {
    for (source, settings) in layers {
      if let found = value(settings) { return (source, found) }
    }
    return nil
  }

  private mutating func list(_ name: String, _ value: String, _ source: SettingSource) {
    listed.append(EffectiveSetting(name: name, value: value, source: source))
  }
}

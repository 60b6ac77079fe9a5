import Runtime
import Sampling
import WorkbenchAPI

extension ProtoSamplerPreset {
  init(_ preset: SamplerPreset) throws {
    self.init()
    let profile = try ChainProfile.named(preset.settings.profile ?? ChainProfile.llamaCpp.name)
    name = preset.name
    summary = preset.summary
    origin = preset.origin.rawValue
    self.profile = profile.name
    order = preset.settings.order ?? preset.settings.chain?.map(\.name) ?? profile.order
    values = preset.settings.texts
  }
}

extension SamplerSettings {
  /// The values by name, as a person would type them; those of a chain as `stage.parameter`.
  var texts: [String: String] {
    var texts: [String: String] = [:]
    for stage in chain ?? [] {
      for (name, value) in stage.parameters { texts["\(stage.name).\(name)"] = value.description }
    }
    for (name, value) in values { texts[name.rawValue] = value.description }
    if let breakers = sequenceBreakers { texts["dry_sequence_breakers"] = "\(breakers)" }
    return texts
  }
}

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
    for stage in preset.settings.chain ?? [] {
      for (name, value) in stage.parameters { values["\(stage.name).\(name)"] = value.description }
    }
    for (name, value) in preset.settings.values { values[name.rawValue] = value.description }
    if let texts = preset.settings.sequenceBreakers { values["dry_sequence_breakers"] = "\(texts)" }
  }
}

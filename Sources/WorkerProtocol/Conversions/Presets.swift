public import Runtime
import Sampling
import WorkbenchAPI

extension WorkerPreset {
  /// A preset on its way to a worker, without its origin and summary.
  public init(_ preset: SamplerPreset) {
    self.init()
    name = preset.name
    settings = ProtoSamplerSettings(preset.settings)
    ofProfile = preset.origin == .profile
  }
}

extension SamplerPreset {
  /// The preset that the daemon sent.
  public init(_ preset: WorkerPreset) throws {
    self.init(
      name: preset.name, settings: try SamplerSettings(preset.settings),
      origin: preset.ofProfile ? .profile : .plugin)
  }
}

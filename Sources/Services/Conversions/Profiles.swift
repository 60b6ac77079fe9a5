import Runtime
import Sampling
import WorkbenchAPI

extension ProtoProfile {
  init(_ profile: Profile) {
    self.init()
    name = profile.name
    summary = profile.summary
    origin = profile.origin.rawValue
    source = profile.source
    models = profile.models
    template = profile.template ?? ""
    jinja = profile.jinja ?? ""
    if let value = profile.system { system = value }
    stop = profile.stop
    if let settings = profile.samplers {
      samplers = settings.texts
      if let stages = settings.order ?? settings.chain?.map(\.name) {
        samplers["order"] = stages.joined(separator: ",")
      } else if let library = settings.profile {
        samplers["order"] = library
      }
    }
    if let value = profile.maxTokens { maxTokens = UInt32(clamping: value) }
    if let value = profile.strip { strip = value }
    answerHead = profile.answerHead
    if let value = profile.addGenerationPrompt { addGenerationPrompt = value }
    if let value = profile.addBOS { addBos = value }
  }
}

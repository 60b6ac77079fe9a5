import Pipeline
import Sampling
import WorkbenchAPI

extension ProtoSamplingTrace {
  init(_ trace: TokenTrace) {
    self.init()
    stages = trace.stages.map { stage in
      var message = ProtoTracedStage()
      message.name = stage.name
      message.before = ProtoTracedDistribution(stage.before)
      message.after = ProtoTracedDistribution(stage.after)
      message.massRemoved = stage.massRemoved
      return message
    }
    likeliest = trace.likeliest.map { ProtoTokenAlternative($0) }
  }
}

extension ProtoTracedDistribution {
  fileprivate init(_ distribution: SamplingTrace.Distribution) {
    self.init()
    candidates = UInt32(clamping: distribution.candidates)
    entropy = distribution.entropy
    if let value = distribution.rank { rank = UInt32(clamping: value) }
    probability = distribution.probability
  }
}

/// The samplers of this module: llama.cpp's in its order, then those of transformers, then the final picks.
enum BuiltInSamplers {
  /// One line a sampler.
  static let all: [any BuiltInSampler.Type] = [
    LogitBias.self,
    Penalties.self,
    Dry.self,
    TopNSigma.self,
    TopK.self,
    Typical.self,
    TopP.self,
    MinP.self,
    XTC.self,
    Temperature.self,
    NoRepeatNgram.self,
    EpsilonCutoff.self,
    EtaCutoff.self,
    Mirostat.self,
    MirostatV2.self,
    AdaptiveP.self,
    Distribution.self,
    Greedy.self,
  ]
}

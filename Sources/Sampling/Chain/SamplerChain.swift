public import Tokens

/// A chain of stages that ends with a pick: the sampler of one sequence.
///
/// A value: a copy has the same history and will draw the same random numbers. The buffers for a whole vocabulary belong
/// to the chain and are allocated at its first step.
public struct SamplerChain: TokenSampler {
  /// What the chain was made from.
  public let specification: ChainSpecification
  /// Logits in a row.
  public let vocabularySize: Int

  var stages: [any SamplerStage]
  var candidates = Candidates()

  /// Checks a specification and makes its stages; those whose parameters make them do nothing are left out.
  ///
  /// - Throws: what is unknown or out of range; `invalidChain` for too many stages or one after the pick.
  public init(
    _ specification: ChainSpecification, registry: SamplerRegistry = .builtIn, vocabularySize: Int
  ) throws(SamplingError) {
    guard vocabularySize > 0, vocabularySize <= Int(Int32.max) else {
      throw .invalidChain(reason: "a vocabulary cannot have \(vocabularySize) tokens")
    }
    guard specification.stages.count <= Limits.stages else {
      throw .invalidChain(
        reason: "it has \(specification.stages.count) stages; the limit is \(Limits.stages)")
    }
    self.specification = specification
    self.vocabularySize = vocabularySize
    stages = []
    var selecting: String?
    for (position, stage) in specification.stages.enumerated() {
      if let selecting {
        throw .invalidChain(reason: "'\(stage.name)' comes after '\(selecting)', which picks the token")
      }
      let entry = try registry.entry(named: stage.name)
      let parameters = try Self.checked(stage, entry.descriptor, vocabularySize: vocabularySize)
      let context = StageContext(
        seed: specification.seed, stream: UInt64(position) + 1, vocabularySize: vocabularySize)
      if let made = try entry.make(parameters, context) { stages.append(made) }
      if entry.descriptor.selectsToken { selecting = stage.name }
    }
    if selecting == nil { stages.append(Distribution(seed: specification.seed)) }
  }

  private static func checked(
    _ stage: ChainSpecification.Stage, _ descriptor: StageDescriptor, vocabularySize: Int
  ) throws(SamplingError) -> StageParameters {
    try descriptor.refuseUnknown(stage.parameters.keys)
    var values: [String: ParameterValue] = [:]
    for parameter in descriptor.parameters {
      let field = parameter.name == stage.name ? parameter.name : "\(stage.name).\(parameter.name)"
      let value = stage.parameters[parameter.name] ?? parameter.defaultValue
      values[parameter.name] = try parameter.kind.checked(value, field: field, vocabularySize: vocabularySize)
    }
    return StageParameters(values: values)
  }

  /// Tells every stage of a token of the sequence.
  public mutating func accept(_ token: TokenID) {
    for index in stages.indices { stages[index].accept(token) }
  }

  /// Forgets the sequence and restarts the random numbers.
  public mutating func reset() {
    for index in stages.indices { stages[index].reset() }
  }

  /// Runs the chain and picks.
  ///
  /// - Throws: `noLogits`; `noCandidates` if no candidate above -∞ is left; a stage's own error.
  public mutating func sample(_ logits: UnsafeBufferPointer<Float>) throws(SamplingError) -> SampledToken {
    try load(logits)
    for index in stages.indices { try stages[index].apply(to: &candidates) }
    return try picked()
  }

  mutating func load(_ logits: UnsafeBufferPointer<Float>) throws(SamplingError) {
    guard logits.count == vocabularySize else {
      throw .invalidChain(
        reason: "it was made for \(vocabularySize) tokens, and the model gave \(logits.count) logits")
    }
    try candidates.load(logits)
  }

  mutating func picked() throws(SamplingError) -> SampledToken {
    guard let selected = candidates.selected, selected < candidates.count else {
      throw .noCandidates(reason: "no stage picked one")
    }
    try candidates.computeProbabilities()
    return SampledToken(token: candidates.id(at: selected), probability: candidates.probability(at: selected))
  }
}

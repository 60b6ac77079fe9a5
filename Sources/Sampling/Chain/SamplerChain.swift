public import Tokens

/// A chain of stages that ends with a pick: what one sequence samples with.
///
/// A value: a copy has the same history and the same random numbers ahead. The buffers for a whole vocabulary belong
/// to the chain and are allocated at its first step.
public struct SamplerChain: TokenSampler {
  /// What the chain was made from.
  public let specification: ChainSpecification
  /// Logits in a row.
  public let vocabularySize: Int

  var stages: [any SamplerStage]
  var candidates = Candidates()

  /// Checks a specification and makes its stages; those whose parameters make them do nothing are left out.
  public init(
    _ specification: ChainSpecification, registry: SamplerRegistry = .builtIn, vocabularySize: Int
  ) throws(SamplingError) {
    guard vocabularySize > 0, vocabularySize <= Int(Int32.max) else {
      throw .invalidChain(reason: "a vocabulary of \(vocabularySize) tokens")
    }
    guard specification.stages.count <= Limits.stages else {
      throw .invalidChain(reason: "\(specification.stages.count) stages; at most \(Limits.stages)")
    }
    self.specification = specification
    self.vocabularySize = vocabularySize
    stages = []
    var selecting: String?
    for (position, stage) in specification.stages.enumerated() {
      if let selecting {
        throw .invalidChain(reason: "'\(stage.name)' stands after '\(selecting)', which picks the token")
      }
      let entry = try registry.entry(named: stage.name)
      let parameters = try Self.checked(stage, entry.descriptor, vocabularySize: vocabularySize)
      let context = StageContext(
        seed: specification.seed, stream: UInt64(position) + 1, vocabularySize: vocabularySize)
      if let made = try entry.make(parameters, context) { stages.append(made) }
      if entry.descriptor.selectsToken { selecting = stage.name }
    }
    if selecting == nil { stages.append(DistributionStage(random: RandomSource(seed: specification.seed))) }
  }

  private static func checked(
    _ stage: ChainSpecification.Stage, _ descriptor: StageDescriptor, vocabularySize: Int
  ) throws(SamplingError) -> StageParameters {
    var values: [String: ParameterValue] = [:]
    for parameter in descriptor.parameters {
      let field = parameter.name == stage.name ? parameter.name : "\(stage.name).\(parameter.name)"
      let value = stage.parameters[parameter.name] ?? parameter.defaultValue
      values[parameter.name] = try parameter.kind.checked(value, field: field, vocabularySize: vocabularySize)
    }
    for name in stage.parameters.keys.sorted() where values[name] == nil {
      let nearest = nearestName(to: name, among: descriptor.parameters.map(\.name))
      throw .unknownParameter(stage: stage.name, name: name, nearest: nearest)
    }
    return StageParameters(values: values)
  }

  /// Tells every stage of a token of the sequence.
  public mutating func accept(_ token: TokenID) {
    for index in stages.indices { stages[index].accept(token) }
  }

  /// Forgets the sequence and starts the random numbers again.
  public mutating func reset() {
    for index in stages.indices { stages[index].reset() }
  }

  /// Runs the chain and picks.
  ///
  /// - Throws: `noCandidates` when nothing above -∞ is left; a stage's own error.
  public mutating func sample(_ logits: UnsafeBufferPointer<Float>) throws(SamplingError) -> SampledToken {
    try load(logits)
    for index in stages.indices { try stages[index].apply(to: &candidates) }
    return try picked()
  }

  mutating func load(_ logits: UnsafeBufferPointer<Float>) throws(SamplingError) {
    guard logits.count == vocabularySize else {
      throw .invalidChain(reason: "made for \(vocabularySize) tokens, given a row of \(logits.count) logits")
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

/// A chain as data: which stages, in which order, with which values, from which seed.
public struct ChainSpecification: Sendable, Equatable {
  /// A stage by name, with the parameters that are not at their defaults.
  public struct Stage: Sendable, Equatable {
    /// A name in the registry.
    public var name: String
    /// Values by parameter name; those left out have their defaults.
    public var parameters: [String: ParameterValue]

    /// A stage with some values.
    public init(_ name: String, _ parameters: [String: ParameterValue] = [:]) {
      self.name = name
      self.parameters = parameters
    }
  }

  /// In the order in which they are applied; if none picks the token, a final `dist` does.
  public var stages: [Stage]
  /// Where the random numbers start.
  public var seed: UInt64

  /// A chain of stages.
  public init(stages: [Stage], seed: UInt64) {
    self.stages = stages
    self.seed = seed
  }

  /// The chain that always takes the token with the highest logit.
  public static let greedy = ChainSpecification(stages: [Stage("greedy")], seed: 0)
}

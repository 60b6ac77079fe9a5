/// The preset and the sampler stages that a request names; only the worker reads its other settings.
public struct SamplerNames: Sendable, Equatable {
  /// The preset; nil: the model's, unless the request gives a profile or a chain.
  public var preset: String?
  /// Whether the request names a profile or gives the chain as data.
  public var choosesChain = false
  /// The stages that it names, in an order or a chain.
  public var stages: [String] = []

  /// Nothing named.
  public init() {}
}

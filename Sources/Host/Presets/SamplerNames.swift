/// What a request names of samplers; the worker reads the rest.
public struct SamplerNames: Sendable, Equatable {
  /// The preset; nil: the model's, unless the request says how to sample by itself.
  public var preset: String?
  /// Whether the request names a profile or gives the chain as data.
  public var choosesChain = false
  /// The stages that it names, in an order or a chain.
  public var stages: [String] = []

  /// Nothing named.
  public init() {}
}

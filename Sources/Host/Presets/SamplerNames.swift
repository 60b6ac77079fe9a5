/// The profile, the preset and the sampler stages that a request names; only the worker reads its other settings.
public struct SamplerNames: Sendable, Equatable {
  /// The profile; nil: the model's.
  public var profile: String?
  /// The preset; nil: the model's, unless the request gives an order by name or a chain.
  public var preset: String?
  /// Whether the request names a library's order or gives the chain as data.
  public var choosesChain = false
  /// The stages that it names, in an order or a chain.
  public var stages: [String] = []

  /// Nothing named.
  public init() {}
}

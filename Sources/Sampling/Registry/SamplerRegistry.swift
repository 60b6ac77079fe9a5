/// The stages that chains can name: the built-in ones, and whatever plugins add.
public struct SamplerRegistry: Sendable {
  /// Makes a stage from checked parameters; nil if they make it do nothing, so that the chain leaves it out.
  public typealias Constructor =
    @Sendable (StageParameters, StageContext) throws(SamplingError) -> (any SamplerStage)?

  /// A stage that can be made.
  struct Entry: Sendable {
    var descriptor: StageDescriptor
    var make: Constructor
  }

  private var entries: [String: Entry] = [:]
  private var order: [String] = []

  /// A registry without stages.
  public init() {}

  /// The stages of this module, in the order of `BuiltInSamplers.all`.
  public static let builtIn: SamplerRegistry = {
    var registry = SamplerRegistry()
    for sampler in BuiltInSamplers.all { registry.add(sampler.entry) }
    return registry
  }()

  /// Adds a stage under the name of its descriptor.
  ///
  /// - Throws: `duplicateStage` if the name is taken; `outOfRange` or `wrongType` if a default does not fit its kind.
  public mutating func register(
    _ descriptor: StageDescriptor, make: @escaping Constructor
  ) throws(SamplingError) {
    guard entries[descriptor.name] == nil else { throw .duplicateStage(name: descriptor.name) }
    for parameter in descriptor.parameters {
      let field = "\(descriptor.name).\(parameter.name)"
      _ = try parameter.kind.checked(parameter.defaultValue, field: field, vocabularySize: nil)
    }
    add(Entry(descriptor: descriptor, make: make))
  }

  /// Gives a parameter another default, such as one that depends on a vocabulary.
  ///
  /// - Throws: `unknownStage`, `unknownParameter`, or `outOfRange` for a value that the parameter does not take.
  public mutating func setDefault(
    of parameter: String, in stage: String, to value: ParameterValue
  ) throws(SamplingError) {
    var entry = try entry(named: stage)
    try entry.descriptor.refuseUnknown([parameter])
    for index in entry.descriptor.parameters.indices
    where entry.descriptor.parameters[index].name == parameter {
      let kind = entry.descriptor.parameters[index].kind
      entry.descriptor.parameters[index].defaultValue = try kind.checked(
        value, field: "\(stage).\(parameter)", vocabularySize: nil)
    }
    entries[stage] = entry
  }

  /// Every stage, in the order of registration.
  public var descriptors: [StageDescriptor] { order.compactMap { entries[$0]?.descriptor } }

  /// The description of a stage, if there is one of that name.
  public func descriptor(named name: String) -> StageDescriptor? { entries[name]?.descriptor }

  /// The stage of a name.
  ///
  /// - Throws: `unknownStage` with the nearest name.
  func entry(named name: String) throws(SamplingError) -> Entry {
    guard let entry = entries[name] else {
      throw .unknownStage(name: name, nearest: nearestName(to: name, among: order))
    }
    return entry
  }

  private mutating func add(_ entry: Entry) {
    entries[entry.descriptor.name] = entry
    order.append(entry.descriptor.name)
  }
}

/// The stages that chains can name: the built-in ones, and whatever plugins add.
///
/// A value.
public struct SamplerRegistry: Sendable {
  /// Makes a stage from checked parameters; nil when they make it do nothing, so that the chain leaves it out.
  public typealias Constructor =
    @Sendable (StageParameters, StageContext) throws(SamplingError) -> (any SamplerStage)?

  struct Entry: Sendable {
    var descriptor: StageDescriptor
    var make: Constructor
  }

  private var entries: [String: Entry] = [:]
  private var order: [String] = []

  /// No stage at all.
  public init() {}

  /// The stages of this module, in llama.cpp's order, then transformers' own, then the final picks.
  public static let builtIn: SamplerRegistry = {
    var registry = SamplerRegistry()
    for entry in BuiltInStages.all { registry.add(entry) }
    return registry
  }()

  /// Adds a stage under the name of its descriptor.
  ///
  /// - Throws: `duplicateStage` when the name is taken; `invalidChain` when a default is outside of its own range.
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
    let names = entry.descriptor.parameters.map(\.name)
    guard let index = names.firstIndex(of: parameter) else {
      let nearest = nearestName(to: parameter, among: names)
      throw .unknownParameter(stage: stage, name: parameter, nearest: nearest)
    }
    let kind = entry.descriptor.parameters[index].kind
    entry.descriptor.parameters[index].defaultValue = try kind.checked(
      value, field: "\(stage).\(parameter)", vocabularySize: nil)
    entries[stage] = entry
  }

  /// Every stage, in the order of registration.
  public var descriptors: [StageDescriptor] { order.compactMap { entries[$0]?.descriptor } }

  /// The description of a stage, if there is one of that name.
  public func descriptor(named name: String) -> StageDescriptor? { entries[name]?.descriptor }

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

/// A sampler of this module, all of it in one file: what it is called, what it takes and what it does.
///
/// A new one is a file in this folder and a line in `BuiltInSamplers.all`; validation, settings, help and errors
/// follow from what it declares.
protocol BuiltInSampler: SamplerStage {
  /// Typed values of the parameters; a new one holds the defaults.
  associatedtype Parameters: SamplerParameters

  /// The name in chains; llama.cpp's where it has the sampler.
  static var name: String { get }
  /// What it does, in one sentence.
  static var summary: String { get }
  /// The parameters, in the order in which help lists them.
  static var parameters: [Parameter<Parameters>] { get }
  /// Whether it picks the token, so that it must come last.
  static var selectsToken: Bool { get }

  /// A stage with these values; nil when they make it do nothing, so that the chain leaves it out.
  init?(_ parameters: Parameters, _ context: StageContext)

  /// What a chain runs for these values: `init` unless another stage does the same.
  static func stage(_ parameters: Parameters, _ context: StageContext) -> (any SamplerStage)?
}

/// Typed values of a sampler's parameters.
protocol SamplerParameters: Sendable {
  /// The defaults; llama.cpp's where it has the parameter.
  init()
}

/// The values of a sampler that takes none.
struct NoParameters: SamplerParameters {}

extension BuiltInSampler {
  var name: String { Self.name }

  static var selectsToken: Bool { false }

  static func stage(_ parameters: Parameters, _ context: StageContext) -> (any SamplerStage)? {
    Self(parameters, context)
  }

  /// What the registry holds of it.
  static var entry: SamplerRegistry.Entry {
    let parameters = Self.parameters
    let descriptor = StageDescriptor(
      name: name, summary: summary, parameters: parameters.map(\.descriptor), selectsToken: selectsToken)
    return SamplerRegistry.Entry(descriptor: descriptor) { (checked, context) throws(SamplingError) in
      var values = Parameters()
      for parameter in parameters {
        if let value = checked[parameter.descriptor.name] { parameter.store(value, &values) }
      }
      return stage(values, context)
    }
  }
}

extension BuiltInSampler where Parameters == NoParameters {
  static var parameters: [Parameter<NoParameters>] { [] }
}

/// What a stage is and what it takes: validation, settings, errors and `sampler list` follow from it.
public struct StageDescriptor: Sendable, Equatable {
  /// The name in chains; llama.cpp's where it has the stage.
  public var name: String
  /// What it does, in one sentence.
  public var summary: String
  /// In the order in which help lists them.
  public var parameters: [ParameterDescriptor]
  /// Whether the stage picks the token, so that it must come last.
  public var selectsToken: Bool
  /// Where it comes from: "built-in", or a plugin's name.
  public var origin: String

  /// A stage that is built in unless `origin` names a plugin.
  public init(
    name: String, summary: String, parameters: [ParameterDescriptor], selectsToken: Bool = false,
    origin: String = "built-in"
  ) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.selectsToken = selectsToken
    self.origin = origin
  }

  /// Refuses names that are not parameters of the stage.
  ///
  /// - Throws: `unknownParameter` for the first one in alphabetical order, with the nearest name.
  func refuseUnknown(_ names: some Sequence<String>) throws(SamplingError) {
    let known = parameters.map(\.name)
    for name in names.sorted() where !known.contains(name) {
      throw .unknownParameter(stage: self.name, name: name, nearest: nearestName(to: name, among: known))
    }
  }
}

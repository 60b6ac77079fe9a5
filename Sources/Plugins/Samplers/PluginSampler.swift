import CWorkbenchPlugin
public import Sampling

/// A sampler that a library offers.
public struct PluginSampler: Sendable {
  /// The same description that built-in samplers have; `origin` is the plugin's name.
  public let descriptor: StageDescriptor
  /// The name in chains.
  public var name: String { descriptor.name }
  /// Whether calls change an instance (WB_STATEFUL).
  public let isStateful: Bool
  /// Whether it is told of every token of the sequence (WB_HISTORY).
  public let wantsHistory: Bool
  /// Whether it promises that the best candidate stays the best (WB_KEEPS_BEST).
  public let keepsBest: Bool
  /// Cost and faults, of all its instances together.
  public let health: PluginHealth

  /// Its functions and parameters.
  let table: SamplerTable
  /// Budgets and watchdog of its calls.
  let settings: PluginSettings

  /// Reads and checks the table of a sampler.
  init(
    _ raw: wb_sampler, plugin: String, _ reader: ForeignReader, _ settings: PluginSettings
  ) throws(PluginError) {
    let name = try reader.name(raw.name, "the name of a sampler")
    let what = "sampler '\(name)'"
    let flags = Int(raw.flags)
    try reader.checkFlags(flags, known: WB_STATEFUL | WB_HISTORY | WB_KEEPS_BEST | WB_SELECTS, what)
    isStateful = flags & WB_STATEFUL != 0
    wantsHistory = flags & WB_HISTORY != 0
    keepsBest = flags & WB_KEEPS_BEST != 0
    guard isStateful || !wantsHistory else {
      throw PluginError(.function, reader.path, "\(what): WB_HISTORY requires WB_STATEFUL")
    }
    let parameters = try SamplerParameter.all(of: raw, what, reader)
    table = try SamplerTable(raw, parameters, isStateful, wantsHistory, what, reader)
    descriptor = StageDescriptor(
      name: name, summary: try reader.line(raw.summary, "the summary of \(what)"),
      parameters: parameters.compactMap(\.descriptor), selectsToken: flags & WB_SELECTS != 0, origin: plugin)
    health = PluginHealth()
    self.settings = settings
  }

  /// Adds the sampler to a registry under its name.
  ///
  /// - Throws: `SamplingError.duplicateStage` if the name is taken.
  public func register(in registry: inout SamplerRegistry) throws(SamplingError) {
    try registry.register(descriptor) { (parameters, context) throws(SamplingError) in
      try makeStage(parameters, context)
    }
  }

  /// An instance as a stage of a chain.
  ///
  /// - Throws: `SamplingError.stageFailed` if the plugin cannot create one or is disabled.
  public func makeStage(
    _ parameters: StageParameters, _ context: StageContext
  ) throws(SamplingError) -> PluginSamplerStage {
    var values: [wb_value] = []
    for parameter in table.parameters {
      guard let known = parameter.descriptor else {
        values.append(parameter.fallback)
        continue
      }
      var value = wb_value()
      if case .number = known.kind {
        value.f64 = parameters.number(known.name)
      } else {
        value.i64 = Int64(parameters.integer(known.name))
      }
      values.append(value)
    }
    var random = context.random
    do throws(PluginFault) {
      let instance = try SamplerInstance(
        self, values: values, vocabularySize: context.vocabularySize, seed: random.next())
      return PluginSamplerStage(sampler: self, instance: instance)
    } catch {
      throw failure(error)
    }
  }

  /// An instance with every parameter at its default, for use without a chain.
  public func makeStage(vocabularySize: Int, seed: UInt64 = 0) throws(PluginFault) -> PluginSamplerStage {
    let instance = try SamplerInstance(
      self, values: table.parameters.map(\.fallback), vocabularySize: vocabularySize, seed: seed)
    return PluginSamplerStage(sampler: self, instance: instance)
  }

  /// A fault as the error that a chain reports.
  func failure(_ fault: PluginFault) -> SamplingError {
    .stageFailed(stage: descriptor.name, reason: "plugin '\(descriptor.origin)' \(fault)")
  }
}

/// The functions of a sampler, checked for presence.
///
/// `@unchecked Sendable`: the library's memory that it points at does not change until the process ends.
final class SamplerTable: @unchecked Sendable {
  let context: UnsafeMutableRawPointer?
  let parameters: [SamplerParameter]
  let create:
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<wb_sampler_setup>?,
      UnsafeMutablePointer<UnsafeMutableRawPointer?>?, UnsafeMutablePointer<CChar>?, Int
    ) -> wb_status
  let clone:
    (
      @convention(c) (
        UnsafeRawPointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?, UnsafeMutablePointer<CChar>?, Int
      ) -> wb_status
    )?
  let apply:
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafeMutablePointer<wb_candidates>?, UnsafeMutablePointer<CChar>?, Int
    ) -> wb_status
  let accept: (@convention(c) (UnsafeMutableRawPointer?, Int32) -> wb_status)?
  let reset: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
  let destroy: @convention(c) (UnsafeMutableRawPointer?) -> Void

  init(
    _ raw: wb_sampler, _ parameters: [SamplerParameter], _ isStateful: Bool, _ wantsHistory: Bool,
    _ what: String, _ reader: ForeignReader
  ) throws(PluginError) {
    context = raw.context
    self.parameters = parameters
    create = try reader.function(raw.create, "\(what): create")
    apply = try reader.function(raw.apply, "\(what): apply")
    destroy = try reader.function(raw.destroy, "\(what): destroy")
    clone = raw.clone
    accept = raw.accept
    reset = raw.reset
    if isStateful {
      try reader.function(raw.clone, "\(what): clone", requiredBy: "WB_STATEFUL")
      try reader.function(raw.reset, "\(what): reset", requiredBy: "WB_STATEFUL")
    }
    if wantsHistory { try reader.function(raw.accept, "\(what): accept", requiredBy: "WB_HISTORY") }
  }
}

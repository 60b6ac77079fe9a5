import CWorkbenchPlugin
import Sampling

/// One parameter of a plugin's sampler.
///
/// `@unchecked Sendable`: a text that `fallback` points at belongs to the library and never changes.
struct SamplerParameter: @unchecked Sendable {
  /// Its description for chains; nil for a text, which chains cannot set.
  let descriptor: ParameterDescriptor?
  /// The value if none is given.
  let fallback: wb_value

  /// Reads and checks the parameters of a sampler; `what` names it in errors.
  static func all(
    of raw: wb_sampler, _ what: String, _ reader: ForeignReader
  ) throws(PluginError) -> [SamplerParameter] {
    let count = raw.parameter_count
    guard
      let array = try reader.array(raw.parameters, count, limit: Limits.parameters, "parameters of \(what)")
    else { return [] }
    var result: [SamplerParameter] = []
    var names: [String] = []
    for index in 0..<Int(count) {
      let parameter = try reader.element(
        index, of: array, wb_parameter(), least: Int(WB_PARAMETER_1_0), "a parameter of \(what)")
      let name = try reader.name(parameter.name, "the name of a parameter of \(what)")
      names.append(name)
      result.append(try SamplerParameter(parameter, name, "\(what), parameter '\(name)'", reader))
    }
    try reader.checkUnique(names, "parameters of \(what)")
    return result
  }

  private init(
    _ raw: wb_parameter, _ name: String, _ what: String, _ reader: ForeignReader
  ) throws(PluginError) {
    fallback = raw.fallback
    let meaning = try reader.line(raw.meaning, "the meaning of \(what)")
    let kind: ParameterKind
    let value: ParameterValue
    switch Int(raw.type) {
    case WB_F64:
      let (low, high, usual) = (raw.minimum.f64, raw.maximum.f64, raw.fallback.f64)
      try Self.check(low, high, usual, what, reader)
      (kind, value) = (.number(low...high), .number(usual))
    case WB_I64:
      let (low, high, usual) = (raw.minimum.i64, raw.maximum.i64, raw.fallback.i64)
      try Self.check(Double(low), Double(high), Double(usual), what, reader)
      (kind, value) = (.integer(Int(low)...Int(high)), .integer(Int(usual)))
    case WB_BOOL:
      guard raw.fallback.i64 == 0 || raw.fallback.i64 == 1 else {
        throw PluginError(
          .parameter, reader.path, "\(what): the default \(raw.fallback.i64) is neither 0 nor 1")
      }
      (kind, value) = (.integer(0...1), .integer(Int(raw.fallback.i64)))
    case WB_TEXT:
      _ = try reader.line(raw.fallback.text, "the default of \(what)")
      descriptor = nil
      return
    default:
      throw PluginError(.parameter, reader.path, "\(what): unknown type \(raw.type)")
    }
    descriptor = ParameterDescriptor(name: name, kind: kind, default: value, meaning: meaning)
  }

  /// Checks that bounds are finite and in order and that the default is between them.
  private static func check(
    _ low: Double, _ high: Double, _ usual: Double, _ what: String, _ reader: ForeignReader
  ) throws(PluginError) {
    let limit = Limits.parameterMagnitude
    // Each comparison is false for NaN, which is refused too.
    for bound in [low, high] where !(bound.magnitude <= limit) {
      throw PluginError(.parameter, reader.path, "\(what): the bound \(plain(bound)) is not within ±\(limit)")
    }
    guard low <= high else {
      throw PluginError(
        .parameter, reader.path, "\(what): the minimum \(plain(low)) is above the maximum \(plain(high))")
    }
    guard low <= usual, usual <= high else {
      throw PluginError(
        .parameter, reader.path,
        "\(what): the default \(plain(usual)) is outside \(plain(low)) to \(plain(high))")
    }
  }

  /// A number as people write it: 1 and not 1.0.
  private static func plain(_ number: Double) -> String {
    Int(exactly: number).map { "\($0)" } ?? "\(number)"
  }
}

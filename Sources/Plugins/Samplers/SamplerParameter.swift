import CWorkbenchPlugin
import Sampling

/// One parameter of a plugin's sampler.
///
/// `@unchecked Sendable`: a text that `fallback` points at is the library's and never changes.
struct SamplerParameter: @unchecked Sendable {
  /// What chains know of it; nil for a text, which no chain can set yet.
  let descriptor: ParameterDescriptor?
  /// The value when nobody gives one.
  let fallback: wb_value

  /// Reads and checks the parameters of a sampler.
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
      let parameter = try reader.element(index, of: array, wb_parameter(), "a parameter of \(what)")
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
    let meaning = try reader.line(raw.meaning, "\(what): its meaning")
    let kind: ParameterKind
    let value: ParameterValue
    switch Int(raw.type) {
    case WB_F64:
      let limit = Limits.parameterMagnitude
      let (low, high, usual) = (raw.minimum.f64, raw.maximum.f64, raw.fallback.f64)
      // False for NaN as well.
      guard low.magnitude <= limit, high.magnitude <= limit, low <= usual, usual <= high else {
        throw PluginError(
          .parameter, reader.path, "\(what): from \(low) to \(high), default \(usual), is no finite range")
      }
      (kind, value) = (.number(low...high), .number(usual))
    case WB_I64:
      let limit = Int64(Limits.parameterMagnitude)
      let (low, high, usual) = (raw.minimum.i64, raw.maximum.i64, raw.fallback.i64)
      guard low >= -limit, high <= limit, low <= usual, usual <= high else {
        throw PluginError(
          .parameter, reader.path, "\(what): from \(low) to \(high), default \(usual), is no range")
      }
      (kind, value) = (.integer(Int(low)...Int(high)), .integer(Int(usual)))
    case WB_BOOL:
      guard raw.fallback.i64 == 0 || raw.fallback.i64 == 1 else {
        throw PluginError(.parameter, reader.path, "\(what): the default is neither 0 nor 1")
      }
      (kind, value) = (.integer(0...1), .integer(Int(raw.fallback.i64)))
    case WB_TEXT:
      _ = try reader.line(raw.fallback.text, "\(what): its default")
      descriptor = nil
      return
    default:
      throw PluginError(.parameter, reader.path, "\(what): unknown type \(raw.type)")
    }
    descriptor = ParameterDescriptor(name: name, kind: kind, default: value, meaning: meaning)
  }
}

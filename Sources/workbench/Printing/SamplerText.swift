import Terminal
import WorkbenchAPI

/// Sampler stages and presets as tables.
enum SamplerText {
  /// The stages with their parameters, then the default chain and the presets.
  static func text(_ response: ProtoListSamplersResponse) -> String {
    var table = Table([
      .init("STAGE"), .init("PARAMETER"), .init("TYPE"), .init("RANGE"), .init("DEFAULT", right: true),
      .init("MEANING"),
    ])
    for sampler in response.samplers {
      table.add([sampler.name, "", "", "", "", sampler.summary])
      for parameter in sampler.parameters {
        table.add([
          "", parameter.name, parameter.type, "\(bound(parameter.minimum))...\(bound(parameter.maximum))",
          Format.number(parameter.defaultValue), parameter.summary,
        ])
      }
    }
    let chain = "default chain: " + response.defaultChain.joined(separator: " > ") + "\n"
    let columns = Console.current.columns
    return table.fitted + "\n" + (columns.map { WordWrap.wrapped(chain, columns: $0) } ?? chain)
      + presets(response.presets)
  }

  private static func presets(_ presets: [ProtoSamplerPreset]) -> String {
    if presets.isEmpty { return "" }
    var table = Table([
      .init("PRESET"), .init("ORIGIN"), .init("ORDER OF"), .init("VALUES"), .init("MEANING"),
    ])
    for preset in presets {
      let values = preset.values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      table.add([
        preset.name, preset.origin, preset.profile, values.joined(separator: " "), preset.summary,
      ])
    }
    return "\n" + table.fitted
  }

  /// The bound of a range; the largest finite float and beyond mean that there is none.
  private static func bound(_ value: Double) -> String {
    if value.isInfinite || abs(value) >= Double(Float.greatestFiniteMagnitude) {
      return value < 0 ? "-inf" : "inf"
    }
    return Format.number(value)
  }
}

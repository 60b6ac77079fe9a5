import Terminal
import WorkbenchAPI

/// Samplers as a person reads them.
enum SamplerText {
  /// The stages with their parameters, then the default chain.
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
    return table.text + "\ndefault chain: " + response.defaultChain.joined(separator: " > ") + "\n"
  }

  /// A bound that stands for no bound is written as infinite.
  private static func bound(_ value: Double) -> String {
    if value.isInfinite || abs(value) >= Double(Float.greatestFiniteMagnitude) {
      return value < 0 ? "-inf" : "inf"
    }
    return Format.number(value)
  }
}

import Terminal
import WorkbenchAPI

/// Plugins as a table.
enum PluginText {
  /// A row for each sampler, template and tokenizer of a library; for a refused library, the reason.
  static func table(_ response: ProtoListPluginsResponse) -> String {
    var table = Table([
      .init("KIND"), .init("NAME"), .init("PLUGIN"), .init("VERSION"), .init("COST", right: true),
      .init("CALLS", right: true), .init("FAULTS", right: true), .init("STATE"), .init("PATH"),
    ])
    for plugin in response.plugins {
      switch plugin.state {
      case .accepted: for offer in plugin.offers { table.add(row(offer, of: plugin)) }
      case .quarantined: table.add(row(plugin, "quarantined: \(plugin.reason)"))
      case .refused, .unspecified, .UNRECOGNIZED: table.add(row(plugin, "refused: \(plugin.reason)"))
      }
    }
    return table.fitted
  }

  private static func row(_ offer: ProtoPluginOffer, of plugin: ProtoPlugin) -> [String] {
    let cost = offer.calls > 0 ? offer.meanNanoseconds : offer.callNanoseconds
    let state =
      offer.disabledIn.isEmpty
      ? "accepted"
      : "disabled for \(offer.disabledIn.joined(separator: ", ")): \(offer.lastFault)"
    return [
      offer.kind, offer.name, plugin.name, plugin.version, cost > 0 ? microseconds(cost) : "",
      "\(offer.calls)", "\(offer.faults)", state, plugin.path,
    ]
  }

  private static func row(_ plugin: ProtoPlugin, _ state: String) -> [String] {
    ["-", "-", plugin.name, plugin.version, "", "", "", state, plugin.path]
  }

  /// Microseconds, with one decimal below ten.
  private static func microseconds(_ nanoseconds: UInt64) -> String {
    let tenths = nanoseconds / 100 + (nanoseconds % 100 >= 50 ? 1 : 0)
    return tenths < 100
      ? "\(tenths / 10).\(tenths % 10) us" : "\(nanoseconds / 1000 + (nanoseconds % 1000 >= 500 ? 1 : 0)) us"
  }
}

import Terminal
import WorkbenchAPI

/// Plugins as a person reads them.
enum PluginText {
  /// A line for each thing that a library offers, and one with the reason for each that was refused.
  static func table(_ response: ProtoListPluginsResponse) -> String {
    var table = Table([
      .init("KIND"), .init("NAME"), .init("PLUGIN"), .init("VERSION"), .init("STATE"),
      .init("COST", right: true), .init("PATH"),
    ])
    for plugin in response.plugins {
      guard plugin.state == .accepted else {
        table.add(["-", "-", plugin.name, plugin.version, "refused: \(plugin.reason)", "", plugin.path])
        continue
      }
      for offer in plugin.offers {
        let cost = offer.callNanoseconds > 0 ? "\((offer.callNanoseconds + 500) / 1000) us" : ""
        table.add([offer.kind, offer.name, plugin.name, plugin.version, "accepted", cost, plugin.path])
      }
    }
    return table.text
  }
}

import Terminal
import WorkbenchAPI

/// Profiles as text.
enum ProfileText {
  /// A table with a row for each profile.
  static func table(_ profiles: [ProtoProfile]) -> String {
    var table = Table([
      .init("PROFILE"), .init("ORIGIN"), .init("TEMPLATE"), .init("TOKENS", right: true), .init("SAMPLERS"),
      .init("MEANING"),
    ])
    for profile in profiles {
      let samplers = profile.samplers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      table.add([
        profile.name, profile.origin,
        profile.template.isEmpty ? (profile.jinja.isEmpty ? "-" : "its own") : profile.template,
        profile.hasMaxTokens ? "\(profile.maxTokens)" : "-", samplers.joined(separator: " "), profile.summary,
      ])
    }
    return table.fitted
  }
}

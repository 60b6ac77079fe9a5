import CWorkbenchPlugin

/// A prompt template of a library.
public struct PluginTemplate: Sendable {
  /// What it is called.
  public let name: String
  init(_ raw: wb_template, plugin: String, _ reader: ForeignReader, _ settings: PluginSettings) throws(PluginError) {
    name = try reader.name(raw.name, "a template's name")
  }
}

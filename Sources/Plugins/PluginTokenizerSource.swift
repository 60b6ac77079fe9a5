import CWorkbenchPlugin

/// A tokenizer of a library.
public struct PluginTokenizerSource: Sendable {
  /// What it is called.
  public let name: String
  init(_ raw: wb_tokenizer, plugin: String, _ reader: ForeignReader, _ settings: PluginSettings) throws(PluginError) {
    name = try reader.name(raw.name, "a tokenizer's name")
  }
}

/// The templates that ship with Workbench, one file each in `Templates`.
public enum BuiltInTemplates {
  /// Every shipped template, sorted by name.
  public static let all: [BuiltInTemplate] = [
    alpaca, chatML, gemma, llama2, llama3, mistralInstruct, phi3, raw, synthia, vicuna, zephyr,
  ]
}

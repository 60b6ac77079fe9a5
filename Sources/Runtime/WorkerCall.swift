/// The requests of the API that a worker answers; the raw value is the method's name between daemon and worker.
public enum WorkerCall: String, Sendable, CaseIterable {
  /// `Generation.Chat`.
  case chat = "Chat"
  /// `Generation.Generate`.
  case generate = "Generate"
  /// `Generation.Score`.
  case score = "Score"
  /// `Templates.Render`; works without a model.
  case render = "Render"
  /// `Tokenizers.Tokenize`; works without a model when it names a tokenizer.
  case tokenize = "Tokenize"
  /// `Tokenizers.Detokenize`.
  case detokenize = "Detokenize"
  /// `Tokenizers.Compare`; works without a model.
  case compareTokenizers = "CompareTokenizers"
  /// `Tokenizers.List`, the families that can be loaded; works without a model.
  case listTokenizers = "ListTokenizers"
  /// `Tokenizers.Export`.
  case exportTokenizer = "ExportTokenizer"
  /// `Models.Convert`; works without a model.
  case convert = "Convert"
}

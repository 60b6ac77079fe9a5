import ModelFormats
import Runtime
import Tokenizers

extension Pipeline {
  /// The GGUF file's own tokenizer as files for Hugging Face's transformers: each name with its content.
  ///
  /// - Throws: `WorkbenchError` if one of its family cannot be exported.
  public func exportTokenizer() throws -> [(name: String, content: [UInt8])] {
    try translatingErrors {
      try file.requireIntact()
      guard file.companions == nil else {
        throw WorkbenchError(
          .failedPrecondition,
          "the model was loaded from the folder '\(file.path)', whose tokenizer files transformers loads as they are",
          field: "model")
      }
      let export = try TokenizerExport(file.metadata)
      var answer = AnswerSize("exportedBytes", limit: PipelineLimits.exportedBytes)
      try answer.add(export.tokenizer.count + export.config.count)
      return [("tokenizer.json", export.tokenizer), ("tokenizer_config.json", export.config)]
    }
  }
}

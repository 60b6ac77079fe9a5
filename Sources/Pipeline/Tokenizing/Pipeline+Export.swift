import ModelFormats
import Tokenizers

extension Pipeline {
  /// The model file's own tokenizer as files for Hugging Face's transformers: each name with its content.
  ///
  /// - Throws: `WorkbenchError` if one of its family cannot be exported.
  public func exportTokenizer() throws -> [(name: String, content: [UInt8])] {
    try translatingErrors {
      try file.requireIntact()
      let export = try TokenizerExport(file.metadata)
      var answer = AnswerSize("exportedBytes", limit: PipelineLimits.exportedBytes)
      try answer.add(export.tokenizer.count + export.config.count)
      return [("tokenizer.json", export.tokenizer), ("tokenizer_config.json", export.config)]
    }
  }
}

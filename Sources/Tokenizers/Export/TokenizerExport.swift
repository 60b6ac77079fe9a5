import JSON
public import ModelFormats
import Tokens

/// The tokenizer of a GGUF file as the files that Hugging Face's transformers loads.
public struct TokenizerExport: Sendable {
  /// The content of `tokenizer.json`, in UTF-8.
  public let tokenizer: [UInt8]
  /// The content of `tokenizer_config.json`, in UTF-8.
  public let config: [UInt8]

  /// The families that can be exported, by their name in `tokenizer.ggml.model`.
  private static let families = ["gpt2", "llama"]

  /// Reads the vocabulary of a model's metadata.
  ///
  /// - Throws: `TokenizerError`; a family or rule that cannot be written is refused by its name.
  public init(_ metadata: Metadata) throws(TokenizerError) {
    guard let family = try metadata.name(MetadataKey.model) else { throw .missing(key: MetadataKey.model) }
    let vocabulary: Vocabulary
    var parts: ExportedParts
    switch family {
    case "gpt2":
      let rule = try metadata.name(MetadataKey.pre) ?? "default"
      guard !PipelineFile.rawRules.contains(rule) else { throw Self.unsupported(rule) }
      vocabulary = try BytePairTokenizer(metadata).vocabulary
      parts = try ExportedParts(byteLevel: metadata, rule: try SplittingRule.named(rule))
    case "llama":
      vocabulary = try SentencePieceTokenizer(metadata).vocabulary
      parts = try ExportedParts(sentencePiece: metadata, vocabulary)
    default:
      throw .unsupported(what: "the export of tokenizer.ggml.model", name: family, known: Self.families)
    }
    let pieces = try Self.texts(vocabulary)
    tokenizer = Self.tokenizer(vocabulary, pieces, parts)
    config = Self.config(vocabulary, pieces, metadata)
  }

  static func unsupported(_ rule: String) -> TokenizerError {
    .unsupported(what: "the export of tokenizer.ggml.pre", name: rule, known: [])
  }

  /// The pieces as text, which is all that JSON can hold.
  private static func texts(_ vocabulary: Vocabulary) throws(TokenizerError) -> [String] {
    var texts: [String] = []
    texts.reserveCapacity(vocabulary.count)
    for index in 0..<vocabulary.count {
      guard let text = String(validating: vocabulary.pieces[index], as: UTF8.self) else {
        throw .invalid(key: MetadataKey.tokens, index: index, reason: "is not UTF-8, so JSON cannot hold it")
      }
      texts.append(text)
    }
    return texts
  }

  // MARK: tokenizer.json

  private static func tokenizer(
    _ vocabulary: Vocabulary, _ pieces: [String], _ parts: ExportedParts
  ) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { file in
      file.key("version")
      file.string("1.0")
      file.key("truncation")
      file.null()
      file.key("padding")
      file.null()
      file.key("added_tokens")
      file.array { list in
        for index in 0..<vocabulary.count { writeAdded(vocabulary, pieces, index, to: &list) }
      }
      for (name, part) in parts.steps {
        file.key(name)
        part(&file)
      }
      file.key("post_processor")
      surroundings(vocabulary, pieces, to: &file)
      file.key("model")
      file.object { model in
        model.key("type")
        model.string("BPE")
        for (name, option) in parts.options {
          model.key(name)
          option(&model)
        }
        model.key("vocab")
        model.object { table in
          for (index, piece) in pieces.enumerated() where !piece.isEmpty {
            table.key(piece)
            table.int(index)
          }
        }
        model.key("merges")
        model.array { list in
          for merge in parts.merges { list.string(merge) }
        }
      }
    }
    return writer.bytes
  }

  /// A token that is found in a text before anything else.
  private static func writeAdded(
    _ vocabulary: Vocabulary, _ pieces: [String], _ index: Int, to list: inout JSONWriter
  ) {
    let kind = vocabulary.kinds[index]
    guard kind == .control || kind == .unknown || kind == .userDefined, !pieces[index].isEmpty else { return }
    list.object { token in
      token.key("id")
      token.int(index)
      writeContent(pieces[index], isSpecial: kind != .userDefined, to: &token)
    }
  }

  private static func writeContent(_ piece: String, isSpecial: Bool, to token: inout JSONWriter) {
    token.key("content")
    token.string(piece)
    for name in ["single_word", "lstrip", "rstrip", "normalized"] {
      token.key(name)
      token.bool(false)
    }
    token.key("special")
    token.bool(isSpecial)
  }

  /// What is put around a text.
  private static func surroundings(_ vocabulary: Vocabulary, _ pieces: [String], to file: inout JSONWriter) {
    let roles = vocabulary.roles
    let before = roles.addsBeginningOfSequence ? roles.beginningOfSequence : nil
    let after = roles.addsEndOfSequence ? roles.endOfSequence : nil
    guard before != nil || after != nil else { return file.null() }
    file.object { processor in
      processor.key("type")
      processor.string("TemplateProcessing")
      for (key, names) in [("single", ["A"]), ("pair", ["A", "B"])] {
        processor.key(key)
        processor.array { list in
          for (type, name) in names.enumerated() {
            if let before { write("SpecialToken", pieces[before.index], type, to: &list) }
            write("Sequence", name, type, to: &list)
            if let after { write("SpecialToken", pieces[after.index], type, to: &list) }
          }
        }
      }
      processor.key("special_tokens")
      processor.object { table in
        for id in Set([before, after].compactMap { $0 }).sorted(by: { $0.index < $1.index }) {
          let piece = pieces[id.index]
          table.key(piece)
          table.object { token in
            token.key("id")
            token.string(piece)
            token.key("ids")
            token.array { $0.int(id.index) }
            token.key("tokens")
            token.array { $0.string(piece) }
          }
        }
      }
    }
  }

  private static func write(_ kind: String, _ id: String, _ type: Int, to list: inout JSONWriter) {
    list.object { entry in
      entry.key(kind)
      entry.object { value in
        value.key("id")
        value.string(id)
        value.key("type_id")
        value.int(type)
      }
    }
  }

  // MARK: tokenizer_config.json

  private static func config(_ vocabulary: Vocabulary, _ pieces: [String], _ metadata: Metadata) -> [UInt8] {
    let roles = vocabulary.roles
    var writer = JSONWriter()
    writer.object { file in
      file.key("tokenizer_class")
      file.string("PreTrainedTokenizerFast")
      let named = [
        ("bos_token", roles.beginningOfSequence), ("eos_token", roles.endOfSequence),
        ("unk_token", roles.unknown), ("pad_token", roles.padding),
      ]
      for (name, id) in named {
        guard let id else { continue }
        file.key(name)
        file.string(pieces[id.index])
      }
      file.key("add_bos_token")
      file.bool(roles.addsBeginningOfSequence)
      file.key("add_eos_token")
      file.bool(roles.addsEndOfSequence)
      file.key("clean_up_tokenization_spaces")
      file.bool(false)
      if let architecture = metadata.string("general.architecture"),
        let length = metadata.integer("\(architecture).context_length")
      {
        file.key("model_max_length")
        file.int(length)
      }
      file.key("added_tokens_decoder")
      file.object { table in
        for (index, piece) in pieces.enumerated() where !piece.isEmpty {
          let kind = vocabulary.kinds[index]
          guard kind == .control || kind == .unknown || kind == .userDefined else { continue }
          table.key("\(index)")
          table.object { writeContent(piece, isSpecial: kind != .userDefined, to: &$0) }
        }
      }
      ExportedTemplates(metadata).write(to: &file)
    }
    return writer.bytes
  }
}

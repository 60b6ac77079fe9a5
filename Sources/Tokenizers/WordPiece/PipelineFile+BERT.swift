import ModelFormats
import Tokens

extension PipelineFile {
  /// Reads a vocabulary whose `tokenizer.ggml.model` is "bert".
  ///
  /// In these files a piece that begins a word has "▁" in front, and one that continues a word has no "##" (llama.cpp,
  /// convert_hf_to_gguf.py). Text becomes lower case and loses its accents unless the file says otherwise.
  init(bert metadata: Metadata) throws(TokenizerError) {
    var vocabulary = try Vocabulary(metadata)
    try vocabulary.readRoles(
      metadata, defaults: RoleDefaults(beginning: 101, unknown: 100, padding: 0, addsBeginning: true))
    guard let unknown = vocabulary.roles.unknown else { throw .missing(key: MetadataKey.unknown) }
    let mark = SentencePieceModel.space
    var first: [(piece: [UInt8], value: Int32)] = []
    var continuing: [(piece: [UInt8], value: Int32)] = []
    var added: [AddedTokens.Entry] = []
    for index in 0..<vocabulary.count {
      let piece = vocabulary.pieces[index]
      guard !piece.isEmpty else { continue }
      if vocabulary.kinds[index] == .control || vocabulary.kinds[index] == .unknown {
        added.append(.init(id: index, content: piece, isSpecial: true))
      } else if vocabulary.kinds[index] == .userDefined {
        added.append(.init(id: index, content: piece))
      } else if !piece.starts(with: mark) {
        continuing.append((piece, Int32(index)))
      } else if piece.count > mark.count {
        first.append((Array(piece.dropFirst(mark.count)), Int32(index)))
      }
    }
    let separator = try vocabulary.role(metadata, MetadataKey.separator, 102)
    var surroundings = Surroundings()
    if vocabulary.roles.addsBeginningOfSequence, let id = vocabulary.roles.beginningOfSequence {
      surroundings.prefix = [id.index]
    }
    let end = separator ?? vocabulary.roles.endOfSequence
    if let end, try metadata.flag(MetadataKey.addEnd, default: true) {
      surroundings.suffix = [end.index]
      vocabulary.roles.endOfSequence = vocabulary.roles.endOfSequence ?? end
      vocabulary.roles.addsEndOfSequence = true
    }
    let lowercases = try metadata.flag(MetadataKey.lowercase, default: true)
    let stripsAccents = try metadata.flag(MetadataKey.stripAccents, default: lowercases)
    let model = try WordPieceModel(
      first: first, continuing: continuing, unknown: unknown.index, maximumCharacters: .max)
    self.init(
      vocabulary: vocabulary, added: added,
      normalizers: [
        .bert(cleans: true, spacesHan: true, stripsAccents: stripsAccents, lowercases: lowercases)
      ],
      splits: try SplitStep.bert(), decoders: [.metaspace(mark, drops: true)], surroundings: surroundings,
      model: .wordPiece(model), name: "bert")
  }
}

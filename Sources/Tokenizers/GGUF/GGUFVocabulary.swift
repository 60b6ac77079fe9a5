import JSON
public import ModelFormats
import Tokens

/// The tokenizer of a checkpoint as metadata of a GGUF file.
public struct GGUFVocabulary {
  /// In what the tokenizer of the new file differs from that of the checkpoint, one sentence each.
  public private(set) var notes: [String] = []

  private let values: Metadata

  /// Reads the tokenizer files of a checkpoint.
  ///
  /// - Parameter rows: Rows of the embedding; a GGUF file has as many tokens.
  /// - Throws: `TokenizerError`; what GGUF has no name for is refused by its name.
  public init(of file: ModelFile, rows: Int) throws(TokenizerError) {
    let folder = TokenizerFolder(path: file.path, files: file.companions ?? [:])
    try self.init(of: folder, file.metadata, rows: rows)
  }

  /// Reads the tokenizer files of a folder; `metadata` is that of its model.
  init(of folder: TokenizerFolder, _ metadata: Metadata, rows: Int) throws(TokenizerError) {
    let own = try folder.open()
    let (name, source) = try folder.source()
    guard own.vocabularySize <= rows else {
      throw .file(
        path: folder.place(of: name),
        reason: "it has \(own.vocabularySize) tokens, but the model's embedding has only \(rows) rows; "
          + "use the tokenizer that the model was trained with")
    }
    var values = Metadata()
    Self.add(own, source, rows: rows, to: &values)
    let ends = own.endOfGeneration.union(Self.ends(metadata, of: own))
    let new = try TokenizerFactory.make(from: values)
    let added = ends.subtracting(new.endOfGeneration).sorted { $0.index < $1.index }
    for (key, id) in zip([MetadataKey.endOfTurn, MetadataKey.endOfMessage], added) {
      values.set(key, .uint(UInt64(id.index)))
    }
    self.values = values
    notes = try TokenizerDifference.notes(own, new, name: name) + Self.inLlamaCpp(own, source.family, name)
    let lost = new.endOfGeneration.subtracting(ends).sorted { $0.index < $1.index }
    if !lost.isEmpty {
      notes.append("the new file ends answers at \(Self.list(lost, new)) too, which \(name) does not name")
    }
    if added.count > 2 {
      notes.append("in llama.cpp, answers do not end at \(Self.list(Array(added[2...]), new))")
    }
  }

  /// Adds the vocabulary to the metadata of a model.
  public func write(to metadata: inout Metadata) {
    for key in values.keys {
      if let value = values[key] { metadata.set(key, value, type: values.types[key]) }
    }
  }

  /// What llama.cpp alone makes of such a vocabulary.
  private static func inLlamaCpp(
    _ own: any Tokenizer, _ family: VocabularySource.Family, _ name: String
  ) -> [String] {
    switch family {
    case .llama where (0..<256).contains { own.token(for: ByteToken.spelling(of: UInt8($0))) == nil }:
      ["\(name) lacks tokens of bytes, without which llama.cpp aborts at a character that has no piece"]
    case .t5 where (0..<own.vocabularySize).contains { own.kind(of: TokenID($0)) == .userDefined }:
      ["beside the user-defined pieces of \(name), llama.cpp may choose other tokens"]
    default: []
    }
  }

  private static func list(_ ids: [TokenID], _ tokenizer: any Tokenizer) -> String {
    ids.map { "'\(String(decoding: tokenizer.piece($0), as: UTF8.self))'" }.joined(separator: ", ")
  }

  /// The tokens at which the checkpoint's configuration ends an answer.
  private static func ends(_ metadata: Metadata, of tokenizer: any Tokenizer) -> [TokenID] {
    (metadata.integers("tokenizer.end_token_ids") ?? []).compactMap { id in
      Int(exactly: id).flatMap { (0..<tokenizer.vocabularySize).contains($0) ? TokenID($0) : nil }
    }
  }

  private static func add(
    _ own: any Tokenizer, _ source: VocabularySource, rows: Int, to values: inout Metadata
  ) {
    addPieces(own, source, rows: rows, to: &values)
    values.set(MetadataKey.model, .string(Array(source.family.rawValue.utf8)))
    values.set(MetadataKey.pre, .string(Array(source.rule.utf8)))
    switch source.family {
    case .gpt2: values.set(MetadataKey.merges, .strings(source.merges))
    case .llama: values.set(MetadataKey.addSpacePrefix, .bool(source.addsSpacePrefix))
    case .t5:
      values.set(MetadataKey.addSpacePrefix, .bool(source.addsSpacePrefix))
      values.set(MetadataKey.removeExtraWhitespaces, .bool(source.removesExtraSpaces))
      guard !source.charsmap.isEmpty else { break }
      values.set(MetadataKey.charsmap, .ints(source.charsmap.map(Int64.init)), type: .uint8)
    }
    let roles = [
      (MetadataKey.beginning, own.beginningOfSequence), (MetadataKey.end, own.endOfSequence),
      (MetadataKey.unknown, own.unknown), (MetadataKey.padding, own.padding),
    ]
    for case (let key, let id?) in roles { values.set(key, .uint(UInt64(id.index))) }
    values.set(MetadataKey.addBeginning, .bool(own.addsBeginningOfSequence))
    values.set(MetadataKey.addEnd, .bool(own.addsEndOfSequence))
  }

  /// Adds pieces, their kinds and scores; a row without a piece gets a name that no other piece has.
  private static func addPieces(
    _ own: any Tokenizer, _ source: VocabularySource, rows: Int, to values: inout Metadata
  ) {
    var pieces: [[UInt8]] = []
    var kinds: [Int64] = []
    for id in 0..<rows {
      let token = TokenID(id)
      let piece = id < own.vocabularySize ? own.piece(token) : []
      guard !piece.isEmpty else {
        var name = "[PAD\(id)]"
        while own.token(for: Array(name.utf8)) != nil { name = "[\(name)]" }
        pieces.append(Array(name.utf8))
        kinds.append(Int64(TokenKind.unused.rawValue))
        continue
      }
      let kind = own.kind(of: token)
      let isByte = source.hasBytes && kind == .normal && ByteToken.parse(piece) != nil
      pieces.append(piece)
      kinds.append(Int64((isByte ? TokenKind.byte : kind).rawValue))
    }
    values.set(MetadataKey.tokens, .strings(pieces))
    values.set(MetadataKey.types, .ints(kinds))
    guard source.family != .gpt2 else { return }
    values.set(MetadataKey.scores, .floats(pieces.map { source.scores[$0] ?? source.worst }))
  }
}

extension TokenizerFolder {
  /// The vocabulary in the terms of a GGUF file, with the name of its file.
  fileprivate func source() throws(TokenizerError) -> (name: String, source: VocabularySource) {
    let (name, bytes) = try vocabulary()
    if name == Self.vocabularies[0] {
      let root = try JSONDocument.read(bytes, name: name).root
      return (name, try VocabularySource(root, path: place(of: name)))
    }
    let file = try bytes.withUnsafeBufferPointer { (buffer) throws(TokenizerError) in
      try SentencePieceFile(buffer)
    }
    return (name, try VocabularySource(file, try config(), path: place(of: name)))
  }
}

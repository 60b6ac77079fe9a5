import JSON
import Tokens

extension Vocabulary {
  /// The pieces of a `tokenizer.model` and, behind them, the tokens that a Llama checkpoint adds to them.
  init(_ file: SentencePieceFile, _ config: TokenizerConfig) throws(TokenizerError) {
    var additions = Additions(file)
    for (id, token) in config.added {
      let content = try token.required("content").bytes()
      try additions.add(id, content, isSpecial: try token.flag("special", default: false))
      let strips = [try token.flag("lstrip", default: false), try token.flag("rstrip", default: false)]
      if strips.contains(true) {
        additions.setAside.append(
          "the token '\(String(decoding: content, as: UTF8.self))' takes the spaces beside it in transformers, "
            + "which needs a tokenizer.json")
      }
    }
    let special = Set(config.specials.map(\.content))
    for (id, content) in config.older { try additions.add(id, content, isSpecial: special.contains(content)) }
    for content in config.specials.map(\.content)
    where !content.isEmpty && !additions.pieces.contains(content) {
      try additions.add(additions.pieces.count, content, isSpecial: true)
    }
    try self.init(additions.pieces, kinds: additions.kinds, scores: additions.scores, key: "pieces")
    setAside += additions.setAside
    roles.unknown = token("<unk>")
    roles.beginningOfSequence = token("<s>")
    roles.endOfSequence = token("</s>")
    config.amend(&self)
    findEndOfGeneration()
    roles.addsBeginningOfSequence = config.llamaAdds.beginning && roles.beginningOfSequence != nil
    roles.addsEndOfSequence = config.llamaAdds.end && roles.endOfSequence != nil
  }
}

/// The pieces of a file while tokens are added to them.
private struct Additions {
  var pieces: [[UInt8]]
  var kinds: [TokenKind]
  var scores: [Float]
  var setAside: [String] = []

  init(_ file: SentencePieceFile) {
    pieces = file.pieces
    kinds = file.kinds
    scores = file.scores
  }

  /// Adds a token, whose id must be that of the piece with its content or the next one.
  mutating func add(_ id: Int, _ content: [UInt8], isSpecial: Bool) throws(TokenizerError) {
    let kind = isSpecial ? TokenKind.control : .userDefined
    if pieces.indices.contains(id) {
      guard pieces[id] == content else {
        throw .invalid(
          key: "added_tokens_decoder", index: id,
          reason: "is '\(String(decoding: content, as: UTF8.self))', but tokenizer.model has "
            + "'\(String(decoding: pieces[id], as: UTF8.self))' there")
      }
      if kinds[id] != .unknown { kinds[id] = kind }
      return
    }
    guard id == pieces.count else {
      throw .invalid(
        key: "added_tokens_decoder", index: id,
        reason: "leaves a gap: the next token behind those of tokenizer.model is \(pieces.count)")
    }
    pieces.append(content)
    kinds.append(kind)
    scores.append(0)
  }
}

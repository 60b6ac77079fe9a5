import Tokens

/// What a `tokenizer.json` says, read and checked: the parts of a `PipelineTokenizer`.
struct PipelineFile {
  private(set) var vocabulary: Vocabulary
  private(set) var added: [AddedTokens.Entry] = []
  private(set) var normalizers: [NormalizerStep] = []
  private(set) var splits: [SplitStep] = []
  private(set) var decoders: [DecoderStep]?
  private(set) var surroundings = Surroundings()
  private(set) var model: TextModel
  /// "BPE", "Unigram", "WordPiece" or "WordLevel".
  let modelName: String
  /// Whether the model takes the bytes of the last pre-tokeniser as they are.
  let readsBytes: Bool

  /// Reads the outermost object of the file.
  init(_ root: JSONValue) throws(TokenizerError) {
    let model = try root.required("model")
    // Files of before 2020 have no type; byte-pair models alone have merges.
    let hasMerges = try model.member("merges") != nil
    modelName = try model.member("type")?.text() ?? (hasMerges ? "BPE" : "WordPiece")
    if let value = try root.member("normalizer") { try NormalizerStep.read(value, into: &normalizers) }
    if let value = try root.member("pre_tokenizer") { try SplitStep.read(value, into: &splits) }
    if let value = try root.member("decoder") {
      var steps: [DecoderStep] = []
      try DecoderStep.read(value, into: &steps)
      decoders = steps
    }
    if let value = try root.member("post_processor") { try surroundings.read(value) }
    if case .byteLevel = splits.last { readsBytes = modelName == "BPE" } else { readsBytes = false }
    var reader = try ModelReader(model, modelName)
    added = try Self.readAdded(try root.member("added_tokens"), &reader)
    vocabulary = try Vocabulary(reader.pieces, kinds: reader.kinds, scores: [], key: "model.vocab")
    self.model = try reader.model(vocabulary, readsBytes: readsBytes)
    if let unknown = reader.unknown { vocabulary.roles.unknown = TokenID(unknown) }
    for entry in added {
      let isUnknown = reader.unknown == entry.id && !entry.isSpecial
      vocabulary.kinds[entry.id] = entry.isSpecial ? .control : isUnknown ? .unknown : .userDefined
    }
    for id in surroundings.prefix + surroundings.suffix where id < 0 || id >= vocabulary.count {
      throw .invalid(key: "post_processor", index: nil, reason: "has the id \(id), there are \(vocabulary.count) pieces")
    }
    vocabulary.readRoles(surroundings)
  }

  private static func readAdded(
    _ value: JSONValue?, _ reader: inout ModelReader
  ) throws(TokenizerError) -> [AddedTokens.Entry] {
    var entries: [AddedTokens.Entry] = []
    var seen: Set<[UInt8]> = []
    try value?.forEachElement { (token) throws(TokenizerError) in
      let content = try token.required("content").bytes()
      var entry = AddedTokens.Entry(id: try token.required("id").integer(), content: content)
      guard !content.isEmpty else { return }
      guard seen.insert(content).inserted else {
        throw token.error("this content was added before")
      }
      entry.isSpecial = try token.flag("special", default: false)
      entry.isNormalized = try token.flag("normalized", default: !entry.isSpecial)
      entry.isWord = try token.flag("single_word", default: false)
      entry.stripsLeft = try token.flag("lstrip", default: false)
      entry.stripsRight = try token.flag("rstrip", default: false)
      // A piece of the model keeps the model's id.
      if let known = reader.own.find(content) {
        entry.id = known
      } else {
        try reader.place(content, entry.id, token)
      }
      entries.append(entry)
    }
    return entries
  }
}

extension Vocabulary {
  /// Finds the tokens with a role by their place around a text and by spelling.
  fileprivate mutating func readRoles(_ surroundings: Surroundings) {
    func control(_ names: [String]) -> TokenID? {
      names.compactMap { token($0) }.first { kinds[$0.index] == .control }
    }
    let first = surroundings.prefix.first.map { TokenID($0) }
    let last = surroundings.suffix.last.map { TokenID($0) }
    roles.beginningOfSequence =
      first
      ?? control([
        "<s>", "<|begin_of_text|>", "<bos>", "<｜begin▁of▁sentence｜>", "<|startoftext|>", "[CLS]", "[BOS]",
      ])
    roles.endOfSequence =
      last
      ?? control([
        "</s>", "<|end_of_text|>", "<eos>", "<｜end▁of▁sentence｜>", "<|endoftext|>", "[SEP]", "[EOS]", "<EOT>",
      ])
    roles.padding = control(["<pad>", "[PAD]", "<|pad|>", "<|finetune_right_pad_id|>", "<|endoftext|>"])
    roles.addsBeginningOfSequence = !surroundings.prefix.isEmpty
    roles.addsEndOfSequence = !surroundings.suffix.isEmpty
    findEndOfGeneration()
  }
}

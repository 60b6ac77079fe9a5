import JSON
import Tokens
import Units

/// The checked content of a `tokenizer.json`: the parts of a `PipelineTokenizer`.
struct PipelineFile {
  var vocabulary: Vocabulary
  var added: [AddedTokens.Entry] = []
  var normalizers: [NormalizerStep] = []
  var splits: [SplitStep] = []
  var decoders: [DecoderStep]?
  var surroundings = Surroundings()
  var model: TextModel
  /// The format and the model: "tokenizer.json/BPE".
  var name: String
  /// Whether the model takes bytes as they are, in place of the stand-ins of the last pre-tokenizer.
  var readsBytes = false
}

extension PipelineFile {
  /// Reads the outermost object of the file and amends it by `config`.
  init(_ root: JSONValue, _ config: TokenizerConfig = TokenizerConfig()) throws(TokenizerError) {
    let model = try root.required("model")
    // Files from before 2020 have no type; only byte-pair models have merges.
    let hasMerges = try model.member("merges") != nil
    let modelName = try model.member("type")?.text() ?? (hasMerges ? "BPE" : "WordPiece")
    var normalizers: [NormalizerStep] = []
    if let value = try root.member("normalizer") { try NormalizerStep.read(value, into: &normalizers) }
    var splits: [SplitStep] = []
    if let value = try root.member("pre_tokenizer") { try SplitStep.read(value, into: &splits) }
    var decoders: [DecoderStep]?
    if let value = try root.member("decoder") {
      var steps: [DecoderStep] = []
      try DecoderStep.read(value, into: &steps)
      decoders = steps
    }
    var surroundings = Surroundings()
    if let value = try root.member("post_processor") { try surroundings.read(value) }
    var readsBytes = false
    if case .byteLevel = splits.last { readsBytes = modelName == "BPE" }
    var reader = try ModelReader(model, modelName)
    let added = try Self.readAdded(try root.member("added_tokens"), config, &reader)
    let vocabulary = try Vocabulary(
      reader.pieces, kinds: reader.kinds, scores: [], key: "model.vocab", lastCounts: modelName == "Unigram")
    self.init(
      vocabulary: vocabulary, added: added, normalizers: normalizers, splits: splits, decoders: decoders,
      surroundings: surroundings, model: try reader.model(vocabulary, readsBytes: readsBytes),
      name: "tokenizer.json/\(modelName)", readsBytes: readsBytes)
    config.amend(&self.surroundings, self.vocabulary)
    try setRoles(unknown: reader.unknown)
    config.amend(&self.vocabulary)
  }

  private mutating func setRoles(unknown: Int?) throws(TokenizerError) {
    if let unknown { vocabulary.roles.unknown = TokenID(unknown) }
    for entry in added {
      let isUnknown = unknown == entry.id && !entry.isSpecial
      vocabulary.kinds[entry.id] = entry.isSpecial ? .control : isUnknown ? .unknown : .userDefined
    }
    for id in surroundings.prefix + surroundings.suffix where id < 0 || id >= vocabulary.count {
      throw .invalid(
        key: "post_processor", index: nil,
        reason: "has the id \(id), but the vocabulary has \(counted(vocabulary.count, "piece"))")
    }
    vocabulary.readRoles(surroundings)
  }

  private static func readAdded(
    _ value: JSONValue?, _ config: TokenizerConfig, _ reader: inout ModelReader
  ) throws(TokenizerError) -> [AddedTokens.Entry] {
    var table = AddedTable(next: reader.modelCount)
    try value?.forEachElement { (token) throws(TokenizerError) in
      let id = try token.required("id").integer()
      guard id >= 0, id < Limits.vocabularySize else { throw token.error("the id \(id) is out of range") }
      try table.add(try AddedTokens.Entry(token), token, &reader)
    }
    for (_, token) in config.added { try table.add(try AddedTokens.Entry(token), token, &reader) }
    for (content, source) in config.specials where table.places[content] == nil {
      try table.add(AddedTokens.Entry(id: 0, content: content, isSpecial: true), source, &reader)
    }
    return table.entries
  }
}

/// Collects the added tokens of a file and gives them ids.
private struct AddedTable {
  private(set) var entries: [AddedTokens.Entry] = []
  /// The place of each content in `entries`.
  private(set) var places: [[UInt8]: Int] = [:]
  /// The id of the next token that the model has no piece for.
  private var next: Int

  init(next: Int) {
    self.next = next
  }

  /// Adds `token`, or gives its flags to the token with the same content.
  ///
  /// A piece of the model keeps its id, and others get the next free one, whatever the file says, as in the library that
  /// wrote it.
  mutating func add(
    _ token: AddedTokens.Entry, _ source: JSONValue, _ reader: inout ModelReader
  ) throws(TokenizerError) {
    guard !token.content.isEmpty else { return }
    var entry = token
    if let place = places[entry.content] {
      entry.id = entries[place].id
      entries[place] = entry
      return
    }
    if let known = reader.own.find(entry.content) {
      entry.id = known
    } else {
      entry.id = next
      try reader.place(entry.content, entry.id, source)
    }
    next = max(next, entry.id + 1)
    places[entry.content] = entries.count
    entries.append(entry)
  }
}

extension AddedTokens.Entry {
  /// Reads the content and the flags of an added token, but not its id.
  fileprivate init(_ token: JSONValue) throws(TokenizerError) {
    let isSpecial = try token.flag("special", default: false)
    self.init(id: 0, content: try token.required("content").bytes(), isSpecial: isSpecial)
    isNormalized = try token.flag("normalized", default: !isSpecial)
    isWord = try token.flag("single_word", default: false)
    stripsLeft = try token.flag("lstrip", default: false)
    stripsRight = try token.flag("rstrip", default: false)
  }
}

extension Vocabulary {
  /// Finds the tokens with a role: those that surround a text, or else by spelling.
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

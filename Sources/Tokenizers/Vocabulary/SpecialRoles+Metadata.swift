import ModelFormats
import Tokens

/// The roles that a family of tokenizers assumes if the file does not give them, as llama.cpp does.
struct RoleDefaults {
  var beginning: Int?
  var end: Int?
  var unknown: Int?
  var padding: Int?
  var addsBeginning = false

  /// Those of a file whose `tokenizer.ggml.model` is "gpt2".
  static let bytePair = RoleDefaults(beginning: 11, end: 11)
}

extension Vocabulary {
  /// Reads the tokens with a role and finds those that end a generation.
  ///
  /// An id outside the vocabulary is set aside for the default of the family.
  mutating func readRoles(_ metadata: Metadata, defaults: RoleDefaults) throws(TokenizerError) {
    roles.beginningOfSequence = try role(metadata, MetadataKey.beginning, defaults.beginning)
    roles.endOfSequence = try role(metadata, MetadataKey.end, defaults.end)
    roles.unknown = try role(metadata, MetadataKey.unknown, defaults.unknown)
    roles.padding = try role(metadata, MetadataKey.padding, defaults.padding)
    roles.addsBeginningOfSequence = try adds(
      metadata, MetadataKey.addBeginning, roles.beginningOfSequence, default: defaults.addsBeginning)
    roles.addsEndOfSequence = try adds(metadata, MetadataKey.addEnd, roles.endOfSequence, default: false)
    var named: [String: TokenID] = [:]
    for part in EndTexts.parts { named[part.key] = try role(metadata, part.key, nil) }
    findEndOfGeneration(named)
  }

  /// The id of `key`, or the default if the file has none or one that is not in the vocabulary.
  mutating func role(
    _ metadata: Metadata, _ key: String, _ fallback: Int?
  ) throws(TokenizerError) -> TokenID? {
    let standIn = fallback.flatMap { (0..<count).contains($0) ? TokenID($0) : nil }
    let found: String
    switch metadata[key] {
    case nil: return standIn
    case .int(let id): found = "\(id)"
    case .uint(let id): found = "\(id)"
    default: throw .wrongType(key: key, expected: "an integer")
    }
    if let id = metadata.integer(key), (0..<count).contains(id) { return TokenID(id) }
    let used = standIn.map { "\($0.index), the default, is used" } ?? "no token is used"
    setAside.append("\(key) is \(found), but the vocabulary has ids from 0 to \(count - 1); \(used)")
    return standIn
  }

  /// Whether the model expects `token` around a text, which needs such a token.
  private mutating func adds(
    _ metadata: Metadata, _ key: String, _ token: TokenID?, default fallback: Bool
  ) throws(TokenizerError) -> Bool {
    guard try metadata.flag(key, default: fallback) else { return false }
    if token == nil, metadata[key] != nil {
      setAside.append("\(key) is true, but the vocabulary has no such token; none is added")
    }
    return token != nil
  }

  /// Finds the tokens that end a generation: `named` by the keys of `EndTexts.parts`, the end of sequence, and those with
  /// a spelling of `EndTexts`, which become control tokens whatever the file says.
  mutating func findEndOfGeneration(_ named: [String: TokenID] = [:]) {
    var ends = Set(EndTexts.all.compactMap(token))
    for part in EndTexts.parts where named[part.key] == nil {
      if let id = part.spellings.lazy.compactMap(token).first { ends.insert(id) }
    }
    for id in ends where kinds[id.index] != .unknown { kinds[id.index] = .control }
    ends.formUnion(named.values)
    if let id = roles.endOfSequence { ends.insert(id) }
    let spellings = Set(ends.map { String(decoding: pieces[$0.index], as: UTF8.self) })
    for exception in EndTexts.exceptions where spellings.isSuperset(of: exception.when) {
      guard let id = token(exception.ending), ends.remove(id) != nil else { continue }
      kinds[id.index] = exception.kind
    }
    roles.endOfGeneration = ends
  }
}

/// The spellings that end a turn in published chat models, as llama.cpp marks them (src/llama-vocab.cpp).
enum EndTexts {
  /// Spellings that end a generation.
  static let all = [
    "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>",
    "<end_of_turn>",
    "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>",
    "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>", "<｜end▁of▁sentence｜>", "[e~[",
  ]

  /// Other tokens that end a generation: the first of each row that the file names by its key or has by a spelling.
  ///
  /// The last three rows are parts of prompts that fill in the middle: padding, the name of a repository, the next file.
  static let parts: [(key: String, spellings: [String])] = [
    (MetadataKey.endOfTurn, []),
    (MetadataKey.endOfMessage, []),
    (MetadataKey.middlePadding, ["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"]),
    (
      MetadataKey.middleRepository,
      ["<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"]
    ),
    (MetadataKey.middleSeparator, ["<|file_sep|>"]),
  ]

  /// In a vocabulary where all of `when` end a generation, `ending` does not, and is of `kind`.
  static let exceptions: [(ending: String, when: Set<String>, kind: TokenKind)] = [
    ("<|end|>", ["<|return|>", "<|call|>"], .userDefined),
    ("<|end|>", ["<|return|>", "<|calls|>"], .userDefined),
    ("<|end|>", ["<|flush|>", "<|call|>"], .userDefined),
    ("<|end|>", ["<|flush|>", "<|calls|>"], .userDefined),
    ("</s>", ["<|tool_response>"], .normal),
    ("</s>", ["<|plamo:eos|>"], .normal),
  ]
}

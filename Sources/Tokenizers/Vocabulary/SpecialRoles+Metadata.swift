import ModelFormats
import Tokens

/// The roles that a family of tokenizers assumes if the file does not give them.
struct RoleDefaults {
  var beginning: Int?
  var end: Int?
  var unknown: Int?
  var addsBeginning = false
}

extension Vocabulary {
  /// Reads the tokens with a role and finds those that end a generation; control tokens that a converter marked as text
  /// become control tokens again.
  mutating func readRoles(_ metadata: Metadata, defaults: RoleDefaults) throws(TokenizerError) {
    roles.beginningOfSequence = try role(metadata, MetadataKey.beginning, defaults.beginning)
    roles.endOfSequence = try role(metadata, MetadataKey.end, defaults.end)
    roles.unknown = try role(metadata, MetadataKey.unknown, defaults.unknown)
    // Padding out of range is common in published files, and harmless since encoding never produces it.
    roles.padding = try? role(metadata, MetadataKey.padding, nil)
    roles.addsBeginningOfSequence = try metadata.flag(
      MetadataKey.addBeginning, default: defaults.addsBeginning && roles.beginningOfSequence != nil)
    roles.addsEndOfSequence = try metadata.flag(MetadataKey.addEnd, default: false)
    if roles.addsBeginningOfSequence, roles.beginningOfSequence == nil {
      throw .missing(key: MetadataKey.beginning)
    }
    if roles.addsEndOfSequence, roles.endOfSequence == nil { throw .missing(key: MetadataKey.end) }
    try readEndOfGeneration(metadata)
  }

  /// The id of `key`; nil if the key is missing or its value is -1, which means none, signed or unsigned.
  private func role(_ metadata: Metadata, _ key: String, _ fallback: Int?) throws(TokenizerError) -> TokenID?
  {
    guard metadata[key] != nil else {
      return fallback.flatMap { $0 < count ? TokenID($0) : nil }
    }
    guard let id = metadata.integer(key) else { throw .wrongType(key: key, expected: "an integer") }
    if id == -1 || id == Int(UInt32.max) { return nil }
    guard id >= 0, id < count else {
      throw .invalid(key: key, index: nil, reason: "is \(id), but the vocabulary has \(count) pieces")
    }
    return TokenID(id)
  }

  private mutating func readEndOfGeneration(_ metadata: Metadata) throws(TokenizerError) {
    var ends: Set<TokenID> = []
    for key in [MetadataKey.endOfTurn, MetadataKey.endOfMessage] {
      if let id = try role(metadata, key, nil) { ends.insert(id) }
    }
    findEndOfGeneration(with: ends)
  }

  /// Finds the tokens that end a generation: `known`, the end of sequence, and those with a spelling of `EndTexts`.
  mutating func findEndOfGeneration(with known: Set<TokenID> = []) {
    var ends = known
    if let id = roles.endOfSequence { ends.insert(id) }
    for text in EndTexts.all {
      guard let id = token(text) else { continue }
      ends.insert(id)
      if kinds[id.index] == .normal || kinds[id.index] == .userDefined { kinds[id.index] = .control }
    }
    for exception in EndTexts.exceptions where exception.when.allSatisfy({ token($0) != nil }) {
      guard let id = token(exception.ending), id != roles.endOfSequence else { continue }
      ends.remove(id)
      kinds[id.index] = .userDefined
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

  /// In a vocabulary with all of `when`, `ending` ends only a part of a message and not the answer.
  static let exceptions: [(ending: String, when: [String])] = [
    ("<|end|>", ["<|return|>", "<|call|>"]),
    ("<|end|>", ["<|calls|>", "<|flush|>"]),
    ("</s>", ["<|tool_response>"]),
  ]
}

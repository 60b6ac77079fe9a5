import JSON
import Tokens

/// The amendments of `tokenizer_config.json` and `special_tokens_map.json` to the `tokenizer.json` beside them.
///
/// They follow transformers' fast tokenizers on opening a folder (measured with version 4.57): tokens of
/// `added_tokens_decoder` and the named special tokens are added, and only for Llama's class and similar ones do
/// `add_bos_token` and `add_eos_token` replace what the file puts around a text.
struct TokenizerConfig {
  /// The tokens of `added_tokens_decoder`, by id.
  private(set) var added: [(id: Int, token: JSONValue)] = []
  /// The contents of the named special tokens, and their places in the file.
  private(set) var specials: [(content: [UInt8], source: JSONValue)] = []
  /// The same without flags, of `added_tokens.json`.
  private(set) var older: [(id: Int, content: [UInt8])] = []
  /// Whether a space is put behind each special token too, and not only in front of a text.
  private(set) var isLegacy = true
  private(set) var addsPrefixSpace = true
  private var named: [String: [UInt8]] = [:]
  private var className: String?
  private var addsBeginning = true
  private var addsEnd = false

  private static let names: [StaticString] = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]
  /// Classes that follow `add_bos_token`, by default true, and `add_eos_token`, by default false.
  private static let classes: Set<String> = [
    "LlamaTokenizer", "LlamaTokenizerFast", "CodeLlamaTokenizer", "CodeLlamaTokenizerFast", "GemmaTokenizer",
    "GemmaTokenizerFast", "CohereTokenizer", "CohereTokenizerFast",
  ]

  /// Reads one of the files; values of an earlier one take precedence.
  mutating func read(_ root: JSONValue) throws(TokenizerError) {
    for name in Self.names {
      guard named["\(name)"] == nil, let token = try root.member(name) else { continue }
      let content = try Self.content(token)
      named["\(name)"] = content
      specials.append((content, token))
    }
    try root.member("additional_special_tokens")?.forEachElement { (token) throws(TokenizerError) in
      specials.append((try Self.content(token), token))
    }
    if let value = try root.member("add_bos_token"), value.kind == .boolean {
      addsBeginning = try value.flag()
    }
    if let value = try root.member("add_eos_token"), value.kind == .boolean { addsEnd = try value.flag() }
    if let value = try root.member("legacy"), value.kind == .boolean { isLegacy = try value.flag() }
    if let value = try root.member("add_prefix_space"), value.kind == .boolean {
      addsPrefixSpace = try value.flag()
    }
    if className == nil { className = try root.member("tokenizer_class")?.text() }
    guard let decoder = try root.member("added_tokens_decoder"), added.isEmpty else { return }
    var numbered: [(id: Int, token: JSONValue)] = []
    try decoder.forEachMember { (key, token) throws(TokenizerError) in
      guard let id = Int(try key.text()), id >= 0 else { throw key.error("is not an id") }
      numbered.append((id, token))
    }
    added = numbered.sorted { $0.id < $1.id }
  }

  /// Reads `added_tokens.json`, which older folders have: contents to ids.
  mutating func readAdded(_ root: JSONValue) throws(TokenizerError) {
    guard added.isEmpty else { return }
    var numbered: [(id: Int, content: [UInt8])] = []
    try root.forEachMember { (key, id) throws(TokenizerError) in
      numbered.append((try id.integer(), try key.bytes()))
    }
    older = numbered.sorted { $0.id < $1.id }
  }

  /// A token is a string or an object with its content.
  private static func content(_ token: JSONValue) throws(TokenizerError) -> [UInt8] {
    token.kind == .object ? try token.required("content").bytes() : try token.bytes()
  }

  private func token(_ name: String, _ vocabulary: Vocabulary) -> TokenID? {
    named[name].flatMap { vocabulary.spellings.find($0) }.map { TokenID($0) }
  }

  /// Replaces `surroundings` by the beginning and the end of sequence, if the class does so.
  func amend(_ surroundings: inout Surroundings, _ vocabulary: Vocabulary) {
    guard let className, Self.classes.contains(className) else { return }
    let beginning = addsBeginning ? token("bos_token", vocabulary) : nil
    let end = addsEnd ? token("eos_token", vocabulary) : nil
    surroundings = Surroundings(
      prefix: beginning.map { [$0.index] } ?? [], suffix: end.map { [$0.index] } ?? [])
  }

  /// Whether a Llama tokenizer without a `tokenizer.json` puts these around a text.
  var llamaAdds: (beginning: Bool, end: Bool) { (addsBeginning, addsEnd) }

  /// Gives the named tokens their roles.
  func amend(_ vocabulary: inout Vocabulary) {
    if let token = token("bos_token", vocabulary) { vocabulary.roles.beginningOfSequence = token }
    if let token = token("eos_token", vocabulary) {
      vocabulary.roles.endOfSequence = token
      vocabulary.roles.endOfGeneration.insert(token)
    }
    if let token = token("unk_token", vocabulary) { vocabulary.roles.unknown = token }
    if let token = token("pad_token", vocabulary) { vocabulary.roles.padding = token }
  }
}

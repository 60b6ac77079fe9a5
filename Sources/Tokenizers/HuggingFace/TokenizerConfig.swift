import Tokens

/// What `tokenizer_config.json` and `special_tokens_map.json` change of the `tokenizer.json` beside them.
///
/// It is what transformers' fast tokenizers do on opening a folder (tokenization_utils_fast.py of version 4.57): tokens
/// of `added_tokens_decoder` and the named special tokens are added, and `add_bos_token` and `add_eos_token` decide
/// what is put around a text where only those two are.
struct TokenizerConfig {
  /// The values of `added_tokens_decoder`, by id.
  private(set) var added: [JSONValue] = []
  /// The contents of the named special tokens, and where they stand.
  private(set) var specials: [(content: [UInt8], source: JSONValue)] = []
  private var named: [String: [UInt8]] = [:]
  private var addsBeginning: Bool?
  private var addsEnd: Bool?

  private static let names: [StaticString] = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]
  /// Classes that put a beginning of sequence in front unless told otherwise.
  private static let beginningClasses: Set<String> = [
    "LlamaTokenizer", "LlamaTokenizerFast", "CodeLlamaTokenizer", "CodeLlamaTokenizerFast", "GemmaTokenizer",
    "GemmaTokenizerFast", "CohereTokenizer", "CohereTokenizerFast",
  ]

  /// Reads one of the files; what an earlier one said stays.
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
    if let value = try root.member("add_bos_token"), value.kind == .boolean { addsBeginning = try value.flag() }
    if let value = try root.member("add_eos_token"), value.kind == .boolean { addsEnd = try value.flag() }
    if addsBeginning == nil, let name = try root.member("tokenizer_class")?.text(),
      Self.beginningClasses.contains(name)
    {
      addsBeginning = true
    }
    guard let decoder = try root.member("added_tokens_decoder"), added.isEmpty else { return }
    var numbered: [(id: Int, token: JSONValue)] = []
    try decoder.forEachMember { (key, token) throws(TokenizerError) in
      guard let id = Int(try key.text()), id >= 0 else { throw key.error("is no id") }
      numbered.append((id, token))
    }
    added = numbered.sorted { $0.id < $1.id }.map(\.token)
  }

  /// A token is a string or an object with its content.
  private static func content(_ token: JSONValue) throws(TokenizerError) -> [UInt8] {
    token.kind == .object ? try token.required("content").bytes() : try token.bytes()
  }

  private func token(_ name: String, _ vocabulary: Vocabulary) -> TokenID? {
    named[name].flatMap { vocabulary.spellings.find($0) }.map { TokenID($0) }
  }

  /// Adds or takes away the beginning and the end of sequence around a text.
  func amend(_ surroundings: inout Surroundings, _ vocabulary: Vocabulary) {
    if let adds = addsBeginning, let token = token("bos_token", vocabulary)?.index {
      if adds, !surroundings.prefix.contains(token) { surroundings.prefix.insert(token, at: 0) }
      if !adds, surroundings.prefix == [token] { surroundings.prefix = [] }
    }
    if let adds = addsEnd, let token = token("eos_token", vocabulary)?.index {
      if adds, !surroundings.suffix.contains(token) { surroundings.suffix.append(token) }
      if !adds, surroundings.suffix == [token] { surroundings.suffix = [] }
    }
  }

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

public import Tokens

extension Tokenizer {
  /// Nothing, for tokenizers that read no file of their own.
  public var setAside: [String] { [] }

  /// The tokens of `bytes`, which need not be valid UTF-8.
  public func encode(
    _ bytes: [UInt8], special: SpecialParsing = .none, continuesText: Bool = false
  ) throws(TokenizerError) -> [Token] {
    try bytes.withUnsafeBufferPointer { (buffer) throws(TokenizerError) in
      try encode(buffer, special: special, continuesText: continuesText)
    }
  }

  /// The tokens of `text`; offsets count its UTF-8 bytes.
  public func encode(
    _ text: String, special: SpecialParsing = .none, continuesText: Bool = false
  ) throws(TokenizerError) -> [Token] {
    try encode(Array(text.utf8), special: special, continuesText: continuesText)
  }

  /// The ids of `text` between `prefix` and `suffix`.
  ///
  /// If the text, with its special tokens parsed, already begins with the prefix or ends with the suffix, that is not
  /// added again.
  public func ids(of text: String, special: SpecialParsing = .none) throws(TokenizerError) -> [TokenID] {
    var ids = try encode(text, special: special).map(\.id)
    let (prefix, suffix) = (prefix, suffix)
    if !ids.starts(with: prefix) { ids.insert(contentsOf: prefix, at: 0) }
    if !ids.reversed().starts(with: suffix.reversed()) { ids.append(contentsOf: suffix) }
    return ids
  }

  /// The bytes that `tokens` decode to.
  ///
  /// Control and unknown tokens decode to nothing if `skipSpecial`, otherwise to their spelling. `continuesText` keeps a
  /// leading space that would be removed at the beginning of a text.
  public func decode(
    _ tokens: some Sequence<TokenID>, skipSpecial: Bool = true, continuesText: Bool = false
  ) -> [UInt8] {
    var decoding = makeDecoding(skipSpecial: skipSpecial, continuesText: continuesText)
    var bytes: [UInt8] = []
    for token in tokens { bytes += decoding.push(token) }
    bytes += decoding.finish()
    return bytes
  }

  /// The text that `tokens` decode to; ill-formed UTF-8 becomes U+FFFD.
  public func text(
    of tokens: some Sequence<TokenID>, skipSpecial: Bool = true, continuesText: Bool = false
  ) -> String {
    String(decoding: decode(tokens, skipSpecial: skipSpecial, continuesText: continuesText), as: UTF8.self)
  }
}

import Tokens

/// Which texts two tokenizers with the same ids encode differently.
enum TokenizerDifference {
  /// Sentences about the differences of `new` from `own`, which was made of the file `name`; none if no text shows one.
  ///
  /// The texts are samples of many scripts, each piece of the vocabulary, and each added token inside a text.
  static func notes(
    _ own: any Tokenizer, _ new: any Tokenizer, name: String
  ) throws(TokenizerError) -> [String] {
    var notes: [String] = []
    if own.prefix != new.prefix || own.suffix != new.suffix {
      notes.append("\(name) puts tokens around a text that a GGUF file has no name for")
    }
    var found = Found()
    for text in SampleTexts.all { try found.compare(own, new, Array(text.utf8)) }
    for id in 0..<own.vocabularySize {
      let token = TokenID(id)
      switch own.kind(of: token) {
      case .normal: try found.compare(own, new, own.bytes(of: token))
      case .control, .userDefined, .unknown:
        try found.compare(own, new, Array("a".utf8) + own.piece(token) + Array(" b".utf8))
      case .unused, .byte: break
      }
    }
    if let first = found.first {
      let text = String(decoding: first.prefix(Limits.shownTextBytes), as: UTF8.self)
      notes.append(
        "of \(found.texts) texts tried, \(found.different) get other tokens than from \(name), "
          + "such as \(text.debugDescription)")
    }
    return notes
  }

  private struct Found {
    private(set) var texts = 0
    private(set) var different = 0
    private(set) var first: [UInt8]?

    mutating func compare(
      _ own: any Tokenizer, _ new: any Tokenizer, _ text: [UInt8]
    ) throws(TokenizerError) {
      guard !text.isEmpty else { return }
      texts += 1
      guard try Self.ids(own, text) != Self.ids(new, text) else { return }
      different += 1
      if first == nil { first = text }
    }

    /// The tokens of a text; nil if some of it cannot be encoded.
    private static func ids(_ tokenizer: any Tokenizer, _ text: [UInt8]) throws(TokenizerError) -> [TokenID]?
    {
      do throws(TokenizerError) {
        return try tokenizer.encode(text, special: .all).map(\.id)
      } catch .unencodable {
        return nil
      }
    }
  }
}

/// A SentencePiece vocabulary as llama models have it, small but whole.
///
/// `<unk>`, `<s>` and `</s>` are tokens 0 to 2, the 256 bytes are tokens 3 to 258 and pieces follow, better
/// ones first. Tokens past the pieces are unused ones.
public enum TinyVocabulary {
  /// Token of `<s>`.
  public static let bos = 1
  /// Token of `</s>`.
  public static let eos = 2
  /// Token of byte 0; the others follow.
  public static let firstByte = 3
  /// The control and byte tokens, without which the vocabulary does not work.
  public static let leastCount = 259

  /// Every piece can be put together from pairs of earlier letters and pieces; `▁` stands for a space.
  static let pieces = [
    "▁t", "he", "▁a", "in", "▁the", "er", "on", "el", "▁H", "lo", "▁Hel", "▁Hello", "or", "ld", "▁w", "▁wor",
    "▁world", "▁", "e", "t", "a", "o", "i", "n", "s", "r", "h", "l", "d", "u", "c", "m", "w", "H", ".", ",",
    "!",
    "\n",
  ]

  /// SentencePiece's kinds of token, as the file numbers them.
  private enum Kind: Int32 {
    case normal = 1
    case unknown = 2
    case control = 3
    case unused = 5
    case byte = 6
  }

  /// Sets the `tokenizer.ggml.*` keys for `count` tokens.
  static func write(count: Int, to writer: inout GGUFWriter) {
    var tokens: [(text: String, score: Float, kind: Kind)] = [
      ("<unk>", 0, .unknown), ("<s>", 0, .control), ("</s>", 0, .control),
    ]
    for byte in 0..<256 {
      let digits = String(byte, radix: 16, uppercase: true)
      tokens.append(("<0x" + (byte < 16 ? "0" : "") + digits + ">", 0, .byte))
    }
    for (index, piece) in pieces.enumerated() { tokens.append((piece, -Float(index), .normal)) }
    while tokens.count < count { tokens.append(("<unused\(tokens.count)>", -1_000, .unused)) }
    tokens.removeSubrange(min(max(count, 0), tokens.count)...)
    writer.set("tokenizer.ggml.model", .string("llama"))
    writer.set("tokenizer.ggml.pre", .string("default"))
    writer.set("tokenizer.ggml.tokens", .strings(tokens.map(\.text)))
    writer.set("tokenizer.ggml.scores", .floats(tokens.map(\.score)))
    writer.set("tokenizer.ggml.token_type", .int32s(tokens.map(\.kind.rawValue)))
    writer.set("tokenizer.ggml.bos_token_id", .uint32(UInt32(bos)))
    writer.set("tokenizer.ggml.eos_token_id", .uint32(UInt32(eos)))
    writer.set("tokenizer.ggml.unknown_token_id", .uint32(0))
    writer.set("tokenizer.ggml.add_bos_token", .bool(true))
    writer.set("tokenizer.ggml.add_eos_token", .bool(false))
  }
}

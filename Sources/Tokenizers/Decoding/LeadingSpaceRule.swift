import Tokens

/// Takes one space off the first text of a sequence, as SentencePiece does to undo the one it put there.
struct LeadingSpaceRule: Sendable {
  /// Whether no text came yet, so that a space is still to be taken off.
  private var isPending: Bool

  /// A rule that applies once, or never.
  init(_ applies: Bool) {
    isPending = applies
  }

  /// The bytes of `token` at its place in the sequence.
  mutating func bytes(of token: TokenID, in tokenizer: some Tokenizer, skipSpecial: Bool) -> [UInt8] {
    let kind = tokenizer.kind(of: token)
    if kind == .control || kind == .unknown {
      return skipSpecial ? [] : tokenizer.bytes(of: token)
    }
    var bytes = tokenizer.bytes(of: token)
    if isPending, !bytes.isEmpty {
      isPending = false
      if kind == .normal, bytes[0] == UInt8(ascii: " ") { bytes.removeFirst() }
    }
    return bytes
  }
}

public import Tokens

/// Turns text into token ids and token ids into bytes; a stateless value for each loaded vocabulary.
public protocol Tokenizer: Sendable {
  /// The family and, if it has several, the splitting rule: "gpt2/smollm", "llama".
  var name: String { get }
  /// The number of pieces; ids range from 0 to one less.
  var vocabularySize: Int { get }
  /// The token that starts a sequence, if the vocabulary names one.
  var beginningOfSequence: TokenID? { get }
  /// The token that ends a sequence, if the vocabulary names one.
  var endOfSequence: TokenID? { get }
  /// The token for text that cannot be encoded, if the vocabulary names one.
  var unknown: TokenID? { get }
  /// The token that fills short rows of a batch, if the vocabulary names one.
  var padding: TokenID? { get }
  /// The tokens that end a generation: end of sequence, of turn or of message, and what begins another file.
  var endOfGeneration: Set<TokenID> { get }
  /// Whether the model expects `beginningOfSequence` before a text; `encode` never adds it by itself.
  var addsBeginningOfSequence: Bool { get }
  /// Whether the model expects `endOfSequence` after a text; `encode` never adds it by itself.
  var addsEndOfSequence: Bool { get }
  /// Values of the file that were not used, and why, one sentence each.
  var setAside: [String] { get }
  /// Whether the first piece of a decoded text begins with a space that encoding added.
  var dropsLeadingSpace: Bool { get }

  /// The tokens that the model expects before a text: by default the beginning of sequence, if the model adds one.
  var prefix: [TokenID] { get }
  /// The tokens that the model expects after a text: by default the end of sequence, if the model adds one.
  var suffix: [TokenID] { get }

  /// The tokens of `text`, which need not be valid UTF-8.
  ///
  /// `special` says where the spelling of a control token becomes its id. `continuesText` is true if the text continues
  /// an earlier one, so that no leading space is added.
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, special: SpecialParsing, continuesText: Bool
  ) throws(TokenizerError) -> [Token]

  /// The bytes that `token` stands for in a text ("▁the" → " the", "<0x0A>" → one byte); empty out of range.
  func bytes(of token: TokenID) -> [UInt8]
  /// A decoding of the tokens of one text, in which a token's bytes may depend on its neighbours.
  ///
  /// Control and unknown tokens decode to nothing if `skipSpecial`. `continuesText` keeps a leading space that would be
  /// removed at the beginning of a text.
  func makeDecoding(skipSpecial: Bool, continuesText: Bool) -> any TokenDecoding
  /// The kind of `token`; `.unused` out of range.
  func kind(of token: TokenID) -> TokenKind
  /// `token` as the vocabulary spells it; empty out of range.
  func piece(_ token: TokenID) -> [UInt8]
  /// The token that the vocabulary spells as `piece`.
  func token(for piece: [UInt8]) -> TokenID?
}

/// A token and the bytes of the input that it stands for.
///
/// The ranges of an encoded text are in order, do not overlap and cover all of it, except bytes that the vocabulary
/// cannot express and, with `remove_extra_whitespaces`, removed spaces. A space that encoding adds in front has no bytes
/// in the input: if it becomes a token of its own, that token has an empty range.
public struct Token: Sendable, Equatable {
  /// The place of the piece in the vocabulary.
  public var id: TokenID
  /// The byte offsets in the input.
  public var range: Range<Int>

  /// A token that stands for the bytes `range`.
  public init(id: TokenID, range: Range<Int>) {
    self.id = id
    self.range = range
  }
}

/// The purpose of a token; the raw values are those of `tokenizer.ggml.token_type`.
public enum TokenKind: Int, Sendable, CaseIterable {
  /// A piece of text.
  case normal = 1
  /// Stands for what cannot be encoded.
  case unknown = 2
  /// Steers the model and is not text.
  case control = 3
  /// Text that is one token wherever it occurs.
  case userDefined = 4
  /// A place in the vocabulary without a meaning.
  case unused = 5
  /// One byte, for text that no piece covers.
  case byte = 6
}

/// Where in a text the spelling of a control token becomes that token.
///
/// User-defined tokens are text and are found in any case.
public enum SpecialParsing: Sendable, Equatable {
  /// Nowhere: "<s>" is three characters.
  case none
  /// Everywhere.
  case all
  /// Only where the whole spelling lies inside one of these byte ranges: those of a template's literals, so that
  /// nothing that a user writes becomes a control token.
  case within([Range<Int>])
}

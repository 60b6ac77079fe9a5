import Tokenizers
import Tokens

/// What token ids decode to.
public struct DecodedText: Sendable, Equatable {
  /// All bytes; not always UTF-8.
  public var bytes: [UInt8]
  /// The bytes as text: without a character that the last token cuts, and with U+FFFD for what cannot become one.
  public var text: String

  /// Bytes and their text.
  public init(bytes: [UInt8], text: String) {
    self.bytes = bytes
    self.text = text
  }
}

extension DecodedText {
  /// The text of `ids`.
  ///
  /// - Throws: `WorkbenchError` of kind `outOfRange` when an answer cannot hold it.
  init(_ ids: [TokenID], of tokenizer: any Tokenizer, skipSpecial: Bool) throws {
    var decoding = tokenizer.makeDecoding(skipSpecial: skipSpecial, continuesText: false)
    var answer = AnswerSize("decodedBytes", limit: PipelineLimits.decodedBytes)
    var bytes: [UInt8] = []
    for id in ids {
      let new = decoding.push(id)
      try answer.add(new.count)
      bytes += new
    }
    let rest = decoding.finish()
    try answer.add(rest.count)
    bytes += rest
    self.init(bytes: bytes, text: StreamDecoder.wholeText(bytes))
  }
}

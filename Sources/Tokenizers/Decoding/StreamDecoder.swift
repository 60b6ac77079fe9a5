public import Tokens

/// Turns a stream of tokens into text that can be shown at once: always whole UTF-8.
///
/// The texts of all `push` calls and of `finish` together equal `Tokenizer.text(of:)` of all tokens.
public struct StreamDecoder: Sendable {
  private var decoding: any TokenDecoding
  private var assembler = UTF8Assembler()

  /// A decoder at the beginning of a text, or after an earlier text when `continuesText` is true.
  public init(_ tokenizer: any Tokenizer, skipSpecial: Bool = true, continuesText: Bool = false) {
    decoding = tokenizer.makeDecoding(skipSpecial: skipSpecial, continuesText: continuesText)
  }

  /// The text that is certain after `token`; empty while a character is incomplete.
  public mutating func push(_ token: TokenID) -> String {
    pushWithBytes(token).text
  }

  /// The text that is certain after `token`, and the bytes that the token adds.
  public mutating func pushWithBytes(_ token: TokenID) -> (text: String, bytes: [UInt8]) {
    let bytes = decoding.push(token)
    return (assembler.push(bytes), bytes)
  }

  /// The rest of the text: U+FFFD if the last character is incomplete, or nothing for it unless `keepsIncomplete`.
  public mutating func finish(keepsIncomplete: Bool = true) -> String {
    let rest = assembler.push(decoding.finish())
    let incomplete = assembler.finish()
    return keepsIncomplete ? rest + incomplete : rest
  }

  /// The text of `bytes` without a character that their end cuts; bytes that cannot become one are U+FFFD.
  public static func wholeText(_ bytes: [UInt8]) -> String {
    var assembler = UTF8Assembler()
    return assembler.push(bytes)
  }
}

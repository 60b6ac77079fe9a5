import Tokens

extension SentencePieceModel {
  /// `piece` with a space for each "▁".
  static func withSpaces(_ piece: [UInt8]) -> [UInt8] {
    guard piece.contains(space[0]) else { return piece }
    var result: [UInt8] = []
    var position = 0
    while position < piece.count {
      if piece[position...].starts(with: space) {
        result.append(UInt8(ascii: " "))
        position += space.count
      } else {
        result.append(piece[position])
        position += 1
      }
    }
    return result
  }
}

extension Vocabulary {
  /// The token of each byte, nil if the vocabulary has none.
  func byteTokens() throws(TokenizerError) -> [TokenID?] {
    var result = [TokenID?](repeating: nil, count: 256)
    for index in 0..<count where kinds[index] == .byte {
      guard let byte = ByteToken.parse(pieces[index]) else {
        throw .invalid(
          key: MetadataKey.tokens, index: index, reason: "is a byte token but not spelled <0x00> to <0xFF>")
      }
      if let first = result[Int(byte)] {
        throw .invalid(key: MetadataKey.tokens, index: index, reason: "stands for the same byte as \(first)")
      }
      result[Int(byte)] = TokenID(index)
    }
    return result
  }
}

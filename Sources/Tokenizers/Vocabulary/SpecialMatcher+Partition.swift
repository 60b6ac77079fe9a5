extension SpecialMatcher {
  /// Cuts `text` into special tokens and the fragments between them, and calls `special` or `fragment` for each in order.
  ///
  /// `isFirst` tells whether the fragment begins the text.
  @inline(__always)
  func partition(
    _ text: UnsafeBufferPointer<UInt8>, _ parsing: SpecialParsing,
    fragment: (Range<Int>, _ isFirst: Bool) throws(TokenizerError) -> Void, special: (Token) -> Void
  ) throws(TokenizerError) {
    guard text.count <= Limits.textBytes else {
      throw .limit(name: "textBytes", found: text.count, maximum: Limits.textBytes)
    }
    let ranges = try SpecialRanges(parsing, textBytes: text.count)
    var position = 0
    while let token = next(in: text, from: position, ranges) {
      if position < token.range.lowerBound { try fragment(position..<token.range.lowerBound, position == 0) }
      special(token)
      position = token.range.upperBound
    }
    if position < text.count { try fragment(position..<text.count, position == 0) }
  }
}

/// SentencePiece's normalization: the character map, spaces at the ends and in runs, and the space in front.
///
/// The order of the steps is that of normalizer.cc of SentencePiece 0.2. Where the reference writes "▁" this writes a
/// space, and it turns "▁" in a text into a space, which makes no difference to pieces. An ill-formed byte becomes
/// U+FFFD.
struct SentencePieceNormalizer: Sendable {
  /// The rules of the file, if it has any.
  var map: CharacterMap?
  /// Pieces that normalization leaves unchanged.
  var userDefined: ByteTrie?
  var addsDummyPrefix = true
  var removesExtraSpaces = true
  var treatsSpaceAsSuffix = false

  private static let space = UInt8(ascii: " ")

  /// The normal form of `range` of `text`; `addsPrefix` is false for a text that continues another.
  func normalize(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, addsPrefix: Bool
  ) throws(TokenizerError) -> AlignedText {
    var result = AlignedText(base: range.lowerBound, end: range.upperBound)
    result.reserve(range.count + 16)
    var position = range.lowerBound
    if removesExtraSpaces { position = try skipSpaces(text, range) }
    guard position < range.upperBound else { return result }
    let dummy = addsDummyPrefix && addsPrefix
    if dummy, !treatsSpaceAsSuffix { result.append(Self.space, at: position) }
    var isAfterSpace = removesExtraSpaces
    while position < range.upperBound {
      position = try step(text, position, to: range.upperBound, &result, &isAfterSpace)
    }
    if removesExtraSpaces {
      var count = result.count
      while count > 0, result.bytes[count - 1] == Self.space { count -= 1 }
      result.truncate(to: count)
    }
    if dummy, treatsSpaceAsSuffix { result.append(Self.space, at: range.upperBound) }
    try result.requireWhole()
    return result
  }

  /// The place of the first character that does not become a space.
  private func skipSpaces(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) throws(TokenizerError)
    -> Int
  {
    var position = range.lowerBound
    while position < range.upperBound {
      if let user = userDefined?.longest(text, position, to: range.upperBound) {
        guard user.end - position == 1, text[position] == Self.space else { break }
        position += 1
      } else if let match = try map?.match(text, at: position, to: range.upperBound) {
        guard match.replacement.elementsEqual([Self.space]) else { break }
        position += match.length
      } else {
        guard text[position] == Self.space else { break }
        position += 1
      }
    }
    return position
  }

  /// Adds the normal form of what is at `start`, and gives where it ends.
  @inline(__always)
  private func step(
    _ text: UnsafeBufferPointer<UInt8>, _ start: Int, to end: Int, _ result: inout AlignedText,
    _ isAfterSpace: inout Bool
  ) throws(TokenizerError) -> Int {
    if let user = userDefined?.longest(text, start, to: end) {
      append(text[start..<user.end], from: start, stepping: true, &result, &isAfterSpace)
      return user.end
    }
    if let map, !map.leavesAlone(text, at: start, to: end),
      let match = try map.match(text, at: start, to: end)
    {
      append(match.replacement, from: start, stepping: false, &result, &isAfterSpace)
      try result.requireWhole()
      return start + match.length
    }
    if text[start] < 0x80 {
      if text[start] != Self.space {
        result.append(text[start], at: start)
        isAfterSpace = false
      } else if !isAfterSpace {
        result.append(Self.space, at: start)
        isAfterSpace = removesExtraSpaces
      }
      return start + 1
    }
    guard let base = text.baseAddress else { return end }
    let (scalar, length) = UTF8Scalar.decode(base, at: start, to: end)
    isAfterSpace = false
    if scalar == 0x2581 {
      result.append(Self.space, at: start)
    } else if length == 1 {
      result.append(scalar: UTF8Scalar.replacement, at: start)
    } else {
      for offset in 0..<length { result.append(text[start + offset], at: start + offset) }
    }
    return start + length
  }

  /// Adds `new` without leading spaces after a space; its bytes begin at `start`, or each one further if `stepping`.
  private func append(
    _ new: some Collection<UInt8>, from start: Int, stepping: Bool, _ result: inout AlignedText,
    _ isAfterSpace: inout Bool
  ) {
    var index = new.startIndex
    var place = start
    if isAfterSpace {
      while index < new.endIndex, new[index] == Self.space {
        new.formIndex(after: &index)
        if stepping { place += 1 }
      }
    }
    guard index < new.endIndex else { return }
    let mark = SentencePieceModel.space
    var last = Self.space
    while index < new.endIndex {
      if new[index] == mark[0], new[index...].starts(with: mark) {
        last = mark[2]
        result.append(Self.space, at: place)
        new.formIndex(&index, offsetBy: mark.count)
        if stepping { place += mark.count }
      } else {
        last = new[index]
        result.append(last, at: place)
        new.formIndex(after: &index)
        if stepping { place += 1 }
      }
    }
    isAfterSpace = removesExtraSpaces && last == Self.space
  }
}

import Tokens

/// The tokens of `added_tokens`, which are found in a text as a whole, before or after its normalization.
struct AddedTokens: Sendable {
  /// An added token: its content and its flags.
  struct Entry: Sendable {
    var id: Int
    var content: [UInt8]
    var isSpecial = false
    var isNormalized = false
    var isWord = false
    var stripsLeft = false
    var stripsRight = false
  }

  /// An added token in a text, or a stretch without any.
  struct Part {
    var id: Int?
    var range: Range<Int>
  }

  private let entries: [Entry]
  private let trie: ByteTrie

  /// A finder of `entries` by their content.
  init(_ entries: [Entry]) throws(TokenizerError) {
    var total = 0
    for entry in entries {
      total += entry.content.count
      guard entry.content.count <= Limits.specialPieceBytes, total <= Limits.specialBytes else {
        throw .invalid(
          key: "added_tokens", index: entry.id,
          reason:
            "has \(entry.content.count) bytes; at most \(Limits.specialPieceBytes), and \(Limits.specialBytes) in all, is allowed"
        )
      }
    }
    self.entries = entries
    trie = ByteTrie(entries.enumerated().compactMap { $1.content.isEmpty ? nil : ($1.content, Int32($0)) })
  }

  /// Whether there are no added tokens.
  var isEmpty: Bool { trie.isEmpty }

  /// The parts of `range` of `text`; `allows` tells whether a special token may be in a range.
  ///
  /// As in the reference, a match inside white space that the token before it took is a part of its own, and the next
  /// part begins behind that match, so that parts may overlap. A match that would end before it begins, where the
  /// reference fails, is left out.
  func parts(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ allows: (Range<Int>) -> Bool
  ) -> [Part] {
    guard !trie.isEmpty else { return range.isEmpty ? [] : [Part(id: nil, range: range)] }
    var result: [Part] = []
    var start = range.lowerBound
    var position = range.lowerBound
    // White space behind a token, which others in it need not look at again.
    var space = range.lowerBound..<range.lowerBound
    while position < range.upperBound {
      guard trie.root(text[position]) >= 0, let match = longest(text, position, range.upperBound) else {
        position += 1
        continue
      }
      let entry = entries[match.entry]
      let found = position..<match.end
      position = match.end
      if entry.isSpecial, !allows(found) { continue }
      if entry.isWord, !Self.standsAlone(text, found, range) { continue }
      let first =
        entry.stripsLeft
        ? max(start, Self.spaceStart(text, found, from: min(start, found.lowerBound))) : found.lowerBound
      if entry.stripsRight, !space.contains(found.upperBound) {
        space = found.upperBound..<Self.spaceEnd(text, found, range)
      }
      let end = entry.stripsRight ? space.upperBound : found.upperBound
      guard first <= end else { continue }
      if start < first { result.append(Part(id: nil, range: start..<first)) }
      if first < end { result.append(Part(id: entry.id, range: first..<end)) }
      start = end
    }
    if start < range.upperBound { result.append(Part(id: nil, range: start..<range.upperBound)) }
    return result
  }

  private func longest(
    _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
  ) -> (entry: Int, end: Int)? {
    var best: (entry: Int, end: Int)?
    var node = trie.root(text[start])
    var position = start + 1
    while node >= 0 {
      let entry = Int(trie.value(node))
      if entry >= 0 { best = (entry, position) }
      guard position < end else { break }
      node = trie.child(of: node, text[position])
      position += 1
    }
    return best
  }

  private static func standsAlone(
    _ text: UnsafeBufferPointer<UInt8>, _ found: Range<Int>, _ range: Range<Int>
  ) -> Bool {
    guard let base = text.baseAddress else { return true }
    if found.upperBound < range.upperBound,
      CharacterClasses.isWord(UTF8Scalar.decode(base, at: found.upperBound, to: range.upperBound).scalar)
    {
      return false
    }
    guard found.lowerBound > range.lowerBound else { return true }
    let before = UTF8Scalar.start(before: found.lowerBound, text, from: range.lowerBound)
    return !CharacterClasses.isWord(UTF8Scalar.decode(base, at: before, to: found.lowerBound).scalar)
  }

  private static func spaceStart(
    _ text: UnsafeBufferPointer<UInt8>, _ found: Range<Int>, from first: Int
  ) -> Int {
    guard let base = text.baseAddress else { return found.lowerBound }
    var start = found.lowerBound
    while start > first {
      let before = UTF8Scalar.start(before: start, text, from: first)
      guard CharacterClasses.isSpace(UTF8Scalar.decode(base, at: before, to: start).scalar) else { break }
      start = before
    }
    return start
  }

  private static func spaceEnd(
    _ text: UnsafeBufferPointer<UInt8>, _ found: Range<Int>, _ range: Range<Int>
  ) -> Int {
    guard let base = text.baseAddress else { return found.upperBound }
    var end = found.upperBound
    while end < range.upperBound {
      let (scalar, length) = UTF8Scalar.decode(base, at: end, to: range.upperBound)
      guard CharacterClasses.isSpace(scalar) else { break }
      end += length
    }
    return end
  }
}

extension UTF8Scalar {
  /// Where the scalar that ends at `end` begins.
  static func start(before end: Int, _ text: UnsafeBufferPointer<UInt8>, from first: Int) -> Int {
    var start = end - 1
    while start > first, end - start < 4, text[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }
}

/// A text and its pieces, on the way through the pre-tokenizers.
struct PreTokenized {
  /// The text, as changed so far.
  private(set) var text: AlignedText
  /// The pieces, in order; none is empty.
  private(set) var pieces: [Range<Int>]

  /// All of `text` as one piece.
  init(_ text: AlignedText) {
    self.text = text
    pieces = text.count > 0 ? [0..<text.count] : []
  }

  /// Applies `step` to all pieces; `continues` is true for a text that continues another.
  mutating func apply(_ step: SplitStep, continues: Bool) throws(TokenizerError) {
    switch step {
    case .pattern(let pattern, let behavior, let inverted):
      pieces = try cut(pattern, behavior, inverted)
    case .metaspace(let mark, let scheme, let splits):
      try applyMetaspace(mark, scheme, continues: continues)
      if splits { pieces = try cut(.literal(mark), .mergedWithNext, false) }
    case .byteLevel(let addsSpace, let splits):
      try applyLeavingBytes(addsSpace: addsSpace, splits: splits, continues: continues)
      try rebuild { text, piece, result in
        for index in piece {
          result.append(scalar: ByteAlphabet.scalars[Int(text.bytes[index])], at: text.source(index))
        }
      }
    case .scripts: pieces = pieces.flatMap(cutAtScripts)
    case .fixedLength(let length):
      pieces = pieces.flatMap { fixed($0, length) }
    }
  }

  /// Applies the byte-level step without the stand-ins.
  mutating func applyLeavingBytes(addsSpace: Bool, splits: Bool, continues: Bool) throws(TokenizerError) {
    if addsSpace { try prependSpaces(continues: continues) }
    if splits { pieces = try cut(Self.gpt2.get(), .isolated, false) }
  }

  private static let gpt2 = Result<TextPattern, TokenizerError> { () throws(TokenizerError) in
    .automaton(try SplitAutomaton(SplittingRules.gpt2))
  }

  private func fixed(_ piece: Range<Int>, _ length: Int) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = piece.lowerBound
    var characters = 0
    for index in piece where text.bytes[index] & 0xC0 != 0x80 {
      if characters == length {
        result.append(start..<index)
        start = index
        characters = 0
      }
      characters += 1
    }
    result.append(start..<piece.upperBound)
    return result
  }

  /// The parts of `piece` with one script each; a character without a script joins the part before it.
  private func cutAtScripts(_ piece: Range<Int>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    text.bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      var last: Int32 = -1
      var start = piece.upperBound
      var position = piece.lowerBound
      while position < piece.upperBound {
        let (scalar, length) = UTF8Scalar.decode(base, at: position, to: piece.upperBound)
        let script = CharacterClasses.script(scalar)
        if script >= 0, script != last {
          if start < position { result.append(start..<position) }
          (start, last) = (position, script)
        }
        position += length
      }
      if start < piece.upperBound { result.append(start..<piece.upperBound) }
    }
    return result
  }

  /// Adds a space in front of every piece that does not begin with one.
  private mutating func prependSpaces(continues: Bool) throws(TokenizerError) {
    let space = UInt8(ascii: " ")
    guard pieces.contains(where: { text.bytes[$0.lowerBound] != space }) else { return }
    try rebuild { text, piece, result in
      let isContinued = continues && piece.lowerBound == 0
      if text.bytes[piece.lowerBound] != space, !isContinued {
        result.append(space, at: text.source(piece.lowerBound))
      }
      result.append(piece, of: text)
    }
  }

  private mutating func applyMetaspace(
    _ mark: [UInt8], _ scheme: SplitStep.Scheme, continues: Bool
  ) throws(TokenizerError) {
    try rebuild { text, piece, result in
      let begins = text.bytes[piece].starts(with: mark) || text.bytes[piece.lowerBound] == UInt8(ascii: " ")
      let isStart = text.source(piece.lowerBound) == 0
      let isContinued = continues && piece.lowerBound == 0
      let place = text.source(piece.lowerBound)
      if !begins, !isContinued, scheme == .always || scheme == .first && isStart {
        result.append(mark, at: place)
      }
      for index in piece {
        if text.bytes[index] == UInt8(ascii: " ") {
          result.append(mark, at: text.source(index))
        } else {
          result.append(text.bytes[index], at: text.source(index))
        }
      }
    }
  }

  /// Replaces each piece by what `body` adds for it.
  private mutating func rebuild(
    _ body: (AlignedText, Range<Int>, inout AlignedText) -> Void
  ) throws(TokenizerError) {
    var result = AlignedText(replacing: text)
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(pieces.count)
    for piece in pieces {
      let start = result.count
      body(text, piece, &result)
      if start < result.count { ranges.append(start..<result.count) }
    }
    try result.requireWhole()
    text = result
    pieces = ranges
  }

  private func cut(
    _ pattern: TextPattern, _ behavior: SplitStep.Behavior, _ inverted: Bool
  ) throws(TokenizerError) -> [Range<Int>] {
    var result: [Range<Int>] = []
    result.reserveCapacity(pieces.count * 2)
    try text.bytes.withUnsafeBufferPointer { (buffer) throws(TokenizerError) in
      for piece in pieces {
        var joiner = PieceJoiner(behavior)
        try pattern.forEach(buffer, piece) { (range, isMatch) throws(TokenizerError) in
          joiner.add(range, isMatch != inverted, to: &result)
        }
        joiner.finish(&result)
      }
    }
    result.removeAll(where: \.isEmpty)
    return result
  }
}

/// Joins matches and the stretches between them as a behaviour says.
private struct PieceJoiner {
  private let behavior: SplitStep.Behavior
  private var pending: Range<Int>?
  private var wasMatch: Bool?

  init(_ behavior: SplitStep.Behavior) {
    self.behavior = behavior
  }

  /// Adds a stretch that follows the last one.
  mutating func add(_ range: Range<Int>, _ isMatch: Bool, to result: inout [Range<Int>]) {
    defer { wasMatch = isMatch }
    switch behavior {
    case .removed: if !isMatch { result.append(range) }
    case .isolated: result.append(range)
    case .contiguous: if wasMatch == isMatch { join(range) } else { replace(range, &result) }
    case .mergedWithPrevious: if isMatch, wasMatch == false { join(range) } else { replace(range, &result) }
    case .mergedWithNext: if wasMatch == true, !isMatch { join(range) } else { replace(range, &result) }
    }
  }

  /// Hands out the last piece.
  func finish(_ result: inout [Range<Int>]) {
    if let pending { result.append(pending) }
  }

  private mutating func join(_ range: Range<Int>) {
    pending = (pending?.lowerBound ?? range.lowerBound)..<range.upperBound
  }

  private mutating func replace(_ range: Range<Int>, _ result: inout [Range<Int>]) {
    if let pending { result.append(pending) }
    pending = range
  }
}

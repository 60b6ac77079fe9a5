/// A unigram language model over pieces: of all ways to cut a text, the one with the greatest sum of scores.
///
/// One pass forwards keeps the best way to reach each byte (Kudo 2018), and of equally good ways the first found.
/// A character that is no piece costs ten more than the worst piece.
struct UnigramModel: Sendable {
  /// How a stretch of text came out.
  enum Symbol {
    /// As a piece.
    case piece(Int)
    /// As one character that no piece covers.
    case unknown
  }

  private let trie: ByteTrie
  private let scores: [Double]
  private let unknownScore: Double
  /// Whether sums are rounded to 32 bits, as SentencePiece keeps them; Hugging Face's tokenizers keep 64.
  private let isSingle: Bool
  /// How much the score of an unknown character is below that of the worst piece.
  static let unknownPenalty = 10.0

  /// A model of `entries`; `scores` has one for every value of an entry.
  init(
    _ entries: [(piece: [UInt8], value: Int32)], scores: [Double], worst: Double, isSingle: Bool
  ) throws(TokenizerError) {
    for entry in entries where entry.piece.count > Limits.walkedPieceBytes {
      throw .invalid(
        key: "pieces", index: Int(entry.value),
        reason: "has \(entry.piece.count) bytes, the limit walkedPieceBytes is \(Limits.walkedPieceBytes)")
    }
    trie = ByteTrie(entries)
    self.scores = scores
    let penalized = worst - Self.unknownPenalty
    unknownScore = isSingle ? Double(Float(penalized)) : penalized
    self.isSingle = isSingle
  }

  /// The best way to reach a byte.
  private struct Step {
    var score = 0.0
    var start: Int32 = -1
    var symbol: Int32 = -1
  }

  /// Calls `body` with every symbol of `range` of `text` and where it ends, in order.
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>,
    _ body: (Symbol, Range<Int>) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    guard let base = text.baseAddress, !range.isEmpty else { return }
    let count = range.count
    var steps = [Step](repeating: Step(), count: count + 1)
    steps.withUnsafeMutableBufferPointer { steps in
      forward(base + range.lowerBound, count, steps)
    }
    var ends: [Int32] = []
    var position = count
    while position > 0 {
      ends.append(Int32(truncatingIfNeeded: position))
      position = Int(steps[position].start)
    }
    for end in ends.reversed() {
      let step = steps[Int(end)]
      let place = (range.lowerBound + Int(step.start))..<(range.lowerBound + Int(end))
      try body(step.symbol < 0 ? .unknown : .piece(Int(step.symbol)), place)
    }
  }

  private func forward(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ steps: UnsafeMutableBufferPointer<Step>
  ) {
    var start = 0
    while start < count {
      let length = UTF8Scalar.decode(text, at: start, to: count).length
      let before = steps[start].score
      var coversCharacter = false
      var node = trie.root(text[start])
      var end = start + 1
      while node >= 0 {
        let piece = trie.value(node)
        if piece >= 0 {
          let sum = scores[Int(piece)] + before
          let score = isSingle ? Double(Float(sum)) : sum
          if steps[end].start < 0 || score > steps[end].score {
            steps[end] = Step(score: score, start: Int32(start), symbol: piece)
          }
          if end - start == length { coversCharacter = true }
        }
        guard end < count else { break }
        node = trie.child(of: node, text[end])
        end += 1
      }
      if !coversCharacter {
        let end = start + length
        let sum = unknownScore + before
        let score = isSingle ? Double(Float(sum)) : sum
        if steps[end].start < 0 || score > steps[end].score {
          steps[end] = Step(score: score, start: Int32(start), symbol: -1)
        }
      }
      start += length
    }
  }
}

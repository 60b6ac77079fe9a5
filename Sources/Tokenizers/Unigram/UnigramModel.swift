/// A unigram language model over pieces: cuts a text in the way that has the greatest sum of scores.
///
/// A forward pass keeps the best way to reach each byte (Kudo 2018), and of equally good ways the first. A character
/// that is not a piece scores ten less than the worst piece.
struct UnigramModel: Sendable {
  /// The result for a stretch of text.
  enum Symbol {
    /// As a piece.
    case piece(Int)
    /// As one character that no piece covers.
    case unknown
  }

  private let trie: ByteTrie
  /// The score of the piece that ends at each node of the trie, so that it is found along with the node.
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
        reason:
          "has \(entry.piece.count) bytes; at most \(Limits.walkedPieceBytes) (walkedPieceBytes) is allowed")
    }
    trie = ByteTrie(entries)
    self.scores = trie.values.map { $0 < 0 ? 0 : scores[Int($0)] }
    let penalized = worst - Self.unknownPenalty
    unknownScore = isSingle ? Double(Float(penalized)) : penalized
    self.isSingle = isSingle
  }

  /// The best way to reach a byte.
  struct Step {
    var score = 0.0
    var start: Int32 = -1
    var symbol: Int32 = -1
    /// The end of the step behind this one, once the best way is known.
    var next: Int32 = 0
  }

  /// Memory that is reused from text to text.
  final class Scratch {
    private(set) var steps = UnsafeMutableBufferPointer<Step>(start: nil, count: 0)
    /// Counts the work on the text.
    let meter: WorkMeter

    /// Memory for a text whose work `meter` counts.
    init(_ meter: WorkMeter = WorkMeter()) {
      self.meter = meter
    }

    /// Makes room for `count` steps, all of them fresh.
    func prepare(_ count: Int) {
      if steps.count < count {
        steps.deallocate()
        steps = .allocate(capacity: max(64, count * 2))
        steps.initialize(repeating: Step())
      } else {
        steps[..<count].update(repeating: Step())
      }
    }

    deinit { steps.deallocate() }
  }

  /// Calls `body` with every symbol of `range` of `text` and where it is, in order.
  @inline(__always)
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ scratch: Scratch,
    _ body: (Symbol, Range<Int>) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    guard let base = text.baseAddress, !range.isEmpty else { return }
    let count = range.count
    scratch.prepare(count + 1)
    let steps = scratch.steps
    var done = 0
    while done < count {
      let part = min(count, done + Limits.sliceBytes)
      try scratch.meter.spend(part - done)
      done = forward(base + range.lowerBound, from: done, through: part, count, steps)
    }
    // Reverses the chain of the best steps, so that each has the end of the next.
    var position = count
    var next = count
    while position > 0 {
      let start = Int(steps[position].start)
      steps[position].next = Int32(truncatingIfNeeded: next)
      next = position
      position = start
    }
    position = next
    var start = 0
    while start < count {
      let step = steps[position]
      let place = (range.lowerBound + start)..<(range.lowerBound + position)
      try body(step.symbol < 0 ? .unknown : .piece(Int(step.symbol)), place)
      start = position
      position = Int(step.next)
    }
  }

  /// Finds the best ways onwards from the characters between `first` and `last`; gives where it stopped.
  @inline(never)
  private func forward(
    _ text: UnsafePointer<UInt8>, from first: Int, through last: Int, _ count: Int,
    _ steps: UnsafeMutableBufferPointer<Step>
  ) -> Int {
    scores.withUnsafeBufferPointer { scores in
      var start = first
      while start < last {
        let length = UTF8Scalar.decode(text, at: start, to: count).length
        let before = steps[start].score
        var coversCharacter = false
        trie.forEachPrefix(text, start, to: count) { piece, end, node in
          let sum = scores[node] + before
          let score = isSingle ? Double(Float(sum)) : sum
          if steps[end].start < 0 || score > steps[end].score {
            steps[end] = Step(score: score, start: Int32(truncatingIfNeeded: start), symbol: piece)
          }
          if end - start == length { coversCharacter = true }
        }
        if !coversCharacter {
          let end = start + length
          let sum = unknownScore + before
          let score = isSingle ? Double(Float(sum)) : sum
          if steps[end].start < 0 || score > steps[end].score {
            steps[end] = Step(score: score, start: Int32(truncatingIfNeeded: start), symbol: -1)
          }
        }
        start += length
      }
      return start
    }
  }
}

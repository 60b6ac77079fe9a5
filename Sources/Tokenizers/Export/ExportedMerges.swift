/// The merges that a SentencePiece vocabulary stands for: every way to cut a piece into two others, the piece of the best
/// score first.
struct ExportedMerges {
  /// The merges by rank; each two pieces with a space between.
  let texts: [String]

  private struct Merge {
    let left: Int
    let right: Int
    let score: Float
  }

  init(_ vocabulary: Vocabulary) {
    var merges: [Merge] = []
    for index in 0..<vocabulary.count where vocabulary.kinds[index] == .normal {
      let piece = vocabulary.pieces[index]
      // A text has no such piece, since its spaces become "▁".
      guard !piece.contains(UInt8(ascii: " ")) else { continue }
      var cuts: [Merge] = []
      // A cut inside of a character leaves no piece on either side.
      for cut in piece.indices.dropFirst() {
        guard let left = Self.find(piece[..<cut], vocabulary),
          let right = Self.find(piece[cut...], vocabulary)
        else { continue }
        cuts.append(Merge(left: left, right: right, score: vocabulary.scores[index]))
      }
      merges += cuts.sorted { ($0.left, $0.right) < ($1.left, $1.right) }
    }
    let ranks = merges.indices.sorted { (merges[$1].score, $0) < (merges[$0].score, $1) }
    texts = ranks.map { rank in
      let (left, right) = (merges[rank].left, merges[rank].right)
      return String(decoding: vocabulary.pieces[left] + [0x20] + vocabulary.pieces[right], as: UTF8.self)
    }
  }

  private static func find(_ bytes: ArraySlice<UInt8>, _ vocabulary: Vocabulary) -> Int? {
    vocabulary.spellings.find(Array(bytes)).flatMap { vocabulary.kinds[$0] == .normal ? $0 : nil }
  }
}

import CKernels

/// The bounds of this module: what a model may have, and how work is divided.
enum Limits {
  /// Layers of a network.
  static let layers = 1...1024
  /// Values of a hidden state.
  static let embeddingLength = 1...(1 << 17)
  /// Values inside a feed-forward block.
  static let feedForwardLength = 1...(1 << 20)
  /// Query heads of a layer.
  static let heads = 1...2048
  /// Values of one head; even, since rotation works on pairs.
  static let headLength = 2...1024
  /// Tokens of a vocabulary.
  static let vocabulary = 1...(1 << 22)
  /// Positions of a sequence.
  static let contextLength = 1...(1 << 24)
  /// The constant under the root of a norm.
  static let epsilon: ClosedRange<Float> = 0...1
  /// The base of the rotary frequencies.
  static let ropeBase: ClosedRange<Float> = 1.01...1e12
  /// How far the rotary positions are stretched.
  static let ropeFactor: ClosedRange<Float> = 1e-6...1e6
  /// Multipliers of embeddings, residuals, logits and attention scores.
  static let scale: ClosedRange<Float> = 1e-9...1e9

  /// Threads of a team.
  static let threads = 1...512
  /// Threads that may be asked for: each step of the network waits for all of them, so that many more than there are
  /// cores only wait for each other.
  static func threads(cores: Int) -> ClosedRange<Int> { 1...min(threads.upperBound, max(16, 4 * cores)) }
  /// How often a waiting thread looks again before it sleeps; about 30 µs.
  static let spins = 20_000
  /// Values (rows × columns) up to which every thread packs activations for itself rather than meeting the others.
  static let privatePackValues = 12_288
  /// Bytes of weights in the smallest share of a matrix that a thread takes when memory is the limit.
  static let smallestShareBytes = 24_576
  /// Panels in the smallest share of a matrix that a thread takes when arithmetic is the limit.
  static let smallestSharePanels = 4
  /// Rows from which a matrix product is limited by arithmetic.
  static let manyRows = 32
  /// Queries that one piece of attention work takes.
  static let attentionQueries = Int(CK_ATTENTION_QUERIES)
  /// Positions that sequences must have in common for one piece of attention work to take queries of both.
  static let sharedAttention = 64
  /// Pieces of attention work that sequences with a common beginning leave for each thread.
  static let attentionPieces = 4

  /// Bytes of a new file that are made at a time.
  static let convertedPiece = 4 << 20
  /// Values in a row of a tensor that is converted.
  static let convertedRow = 1 << 24
  /// The version of the formats of quantised tensors (`GGML_QNT_VERSION` of ggml).
  static let quantizationVersion: UInt64 = 2

  /// Positions of a cache page.
  static let pagePositions = 32
  /// Bytes of free cache pages that stay backed by memory: to take such a page costs a hundredth of taking one from the
  /// system, which matters to many short sequences.
  static let wipedBytes = 64 << 20
  /// Pages of a pool.
  static let pages = 1 << 24
  /// Sequences whose full context the cache holds when its size is not given.
  static let automaticSequences = 4
  /// The largest share of the free memory that the cache takes when its size is not given.
  static let automaticCacheShare = 0.5

  /// Rows (tokens) that pass through the layers together; longer prompts are split.
  static let batchRows = 512
  /// Rows of logits that are there at the same time when many positions are scored: as many as take `scoredBytes`.
  static let scoredRows = 16...96
  /// Bytes of these rows; the output matrix is read once for each time that they fill up.
  static let scoredBytes = 32 << 20
}

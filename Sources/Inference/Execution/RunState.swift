import CKernels

/// Consecutive tokens of one sequence within a batch.
struct Segment: BitwiseCopyable {
  /// The first of its rows in the batch, and how many there are.
  let firstRow: Int
  let rows: Int
  /// The position of the first row's token.
  let firstPosition: Int
  /// The sequence's pages, from position 0.
  var pages: UnsafePointer<UnsafeMutableRawPointer>
  /// The number of its first piece of attention work, counted over the batch.
  let firstItem: Int

  /// Pages up to and including the last row's position.
  var pageCount: Int { (firstPosition + rows - 1) / Limits.pagePositions + 1 }
  /// Pieces of attention work, each one key/value head.
  var blocks: Int { (rows + Limits.attentionQueries - 1) / Limits.attentionQueries }
}

/// The rows that pass through the layers together.
struct Batch: BitwiseCopyable {
  let rows: Int
  let tokens: UnsafePointer<Int32>
  let positions: UnsafePointer<Int32>
  let segments: UnsafePointer<Segment>
  let segmentCount: Int
  /// Pieces of attention work of all segments.
  let items: Int
  /// Whether every segment is one row, so that a piece of attention work can store its own keys and values.
  let singleRows: Bool
  /// What the last layer may confine itself to once keys and values are stored; nil: every row matters.
  let tail: Tail?
}

/// The rows of a batch whose hidden states matter after the last layer, ascending; each is a segment of its
/// own.
struct Tail: BitwiseCopyable {
  let rows: UnsafePointer<Int32>
  let count: Int
  let segments: UnsafePointer<Segment>
  /// Pieces of attention work of these rows.
  let items: Int
}

/// Rows of hidden states whose logits are wanted, and where those go.
struct Wanted: BitwiseCopyable {
  /// The rows; nil: the first `count`, since the last layer left no others.
  let rows: UnsafePointer<Int32>?
  let count: Int
  /// `count` × vocabulary.
  let logits: UnsafeMutablePointer<Float>
}

/// The sizes that scratch memory follows from.
struct RunShape {
  /// Maximum number of rows in a batch.
  var rows: Int
  var embedding: Int
  var queryKeyValue: Int
  var attended: Int
  var feedForward: Int
  var ropePairs: Int
  /// Maximum number of positions in a sequence.
  var context: Int
  var threads: Int
  /// All projections of the network.
  var projections: [Projection]
  /// The largest piece of attention work.
  var attention: ck_attention_work
}

/// Scratch memory of one batch, allocated once; plain pointers, so that the hot loop counts no references.
struct RunState: BitwiseCopyable {
  /// The residual stream: rows × embedding.
  let x: UnsafeMutablePointer<Float>
  /// Rows × the widest input of a projection with a norm.
  let normed: UnsafeMutablePointer<Float>
  /// Queries, keys and values side by side: rows × `queryKeyValue`.
  let queryKeyValue: UnsafeMutablePointer<Float>
  /// What attention gives: rows × `attended`.
  let attended: UnsafeMutablePointer<Float>
  /// What a block adds to the residual stream: rows × embedding.
  let delta: UnsafeMutablePointer<Float>
  /// Rows × feed-forward length.
  let gate: UnsafeMutablePointer<Float>
  let up: UnsafeMutablePointer<Float>
  /// Rows × rotary pairs.
  let cosines: UnsafeMutablePointer<Float>
  let sines: UnsafeMutablePointer<Float>
  /// The packed forms of activations that all threads share: `Projection.maximumParts` of `formBytes` each.
  let forms: UnsafeMutableRawPointer
  let formBytes: Int
  /// One for each thread.
  let members: UnsafeMutablePointer<MemberState>

  /// Takes everything from `arena`.
  init(_ shape: RunShape, _ arena: inout Arena) {
    x = arena.take(Float.self, shape.rows * shape.embedding)
    normed = arena.take(Float.self, shape.rows * shape.embedding)
    queryKeyValue = arena.take(Float.self, shape.rows * shape.queryKeyValue)
    attended = arena.take(Float.self, shape.rows * shape.attended)
    delta = arena.take(Float.self, shape.rows * shape.embedding)
    gate = arena.take(Float.self, shape.rows * shape.feedForward)
    up = arena.take(Float.self, shape.rows * shape.feedForward)
    cosines = arena.take(Float.self, shape.rows * shape.ropePairs)
    sines = arena.take(Float.self, shape.rows * shape.ropePairs)
    formBytes = shape.formBytes { _ in shape.rows }
    forms = arena.takeBytes(formBytes * Projection.maximumParts)
    members = arena.take(MemberState.self, shape.threads)
    for index in 0..<shape.threads {
      let member = MemberState(shape, &arena)
      if arena.isBacked { (members + index).initialize(to: member) }
    }
  }
}

/// Scratch memory of one thread.
struct MemberState: BitwiseCopyable {
  let normed: UnsafeMutablePointer<Float>
  let forms: UnsafeMutableRawPointer
  let formBytes: Int
  /// Where one head's keys and values are in each page of a sequence.
  let keyPages: UnsafeMutablePointer<UnsafeRawPointer?>
  let valuePages: UnsafeMutablePointer<UnsafeRawPointer?>
  let attention: UnsafeMutablePointer<Float>

  init(_ shape: RunShape, _ arena: inout Arena) {
    let widest = shape.projections.map(\.columns).max() ?? 1
    normed = arena.take(Float.self, max(Limits.privatePackValues, widest))
    formBytes = shape.formBytes { privateRows(columns: $0) }
    forms = arena.takeBytes(formBytes * Projection.maximumParts)
    let pages = shape.context / Limits.pagePositions + 1
    keyPages = arena.take(UnsafeRawPointer?.self, pages)
    valuePages = arena.take(UnsafeRawPointer?.self, pages)
    var work = shape.attention
    attention = arena.take(Float.self, ck_attention_scratch(&work))
  }
}

/// Rows of `columns` values up to which every thread packs activations for itself.
func privateRows(columns: Int) -> Int { max(1, Limits.privatePackValues / max(1, columns)) }

extension RunShape {
  /// Bytes of the largest packed form, in whole cache lines.
  fileprivate func formBytes(rows: (_ columns: Int) -> Int) -> Int {
    var largest = 0
    for projection in projections {
      for form in 0..<projection.formCount {
        let columns = projection.columns
        largest = max(largest, ck_activation_bytes(projection.forms[form], rows(columns), columns))
      }
    }
    return (largest + 63) & ~63
  }
}

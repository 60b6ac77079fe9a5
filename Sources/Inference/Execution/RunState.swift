import CKernels

/// The rows that pass through the layers together.
struct Batch: BitwiseCopyable {
  let rows: Int
  let tokens: UnsafePointer<Int32>
  let positions: UnsafePointer<Int32>
  let attention: AttentionPlan
  /// What the last layer may confine itself to once keys and values are stored; nil: every row matters.
  let tail: Tail?

  /// Whether every part is one row, so that a piece of attention work can store its own keys and values.
  var singleRows: Bool { attention.partCount == rows }
}

/// The rows of a batch whose hidden states matter after the last layer, ascending.
struct Tail: BitwiseCopyable {
  let rows: UnsafePointer<Int32>
  let count: Int
  let attention: AttentionPlan
}

/// Rows of hidden states whose logits are wanted, and where those go.
struct Wanted: BitwiseCopyable {
  /// The rows; nil: the first `count`, since the last layer left no others.
  let rows: UnsafePointer<Int32>?
  let count: Int
  /// `count` × vocabulary.
  let logits: UnsafeMutablePointer<Float>
  /// Where the parts of each row's softmax go: `count` × `LogSoftmax.partCount`; nil: they are not wanted.
  let softmax: UnsafeMutablePointer<ck_softmax_part>?
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
  var threads: Int
  /// All projections of the network.
  var projections: [Projection]
  /// Query heads that share a key/value head, and values of a head.
  var headGroup: Int
  var headLength: Int
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
  let attention: UnsafeMutablePointer<Float>

  init(_ shape: RunShape, _ arena: inout Arena) {
    let widest = shape.projections.map(\.columns).max() ?? 1
    normed = arena.take(Float.self, max(Limits.privatePackValues, widest))
    formBytes = shape.formBytes { privateRows(columns: $0) }
    forms = arena.takeBytes(formBytes * Projection.maximumParts)
    attention = arena.take(Float.self, ck_attention_scratch(shape.headGroup, shape.headLength))
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

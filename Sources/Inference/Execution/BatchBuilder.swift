import CKernels
import Tokens

/// Collects the tokens of slots in batches of bounded size, in memory that is allocated once.
final class BatchBuilder {
  /// A row of the batch whose distribution is wanted.
  struct ScoredPlace {
    /// Index of the slot in the call, and of the token in it.
    let slot: Int
    let row: Int
    /// Index of the row in the batch.
    let batchRow: Int
  }

  /// Maximum number of rows in a batch.
  let maximumRows: Int
  /// Maximum number of rows whose distributions are computed together.
  let scoredRows: Int
  let vocabularySize: Int

  /// Consecutive tokens of one sequence.
  private struct Segment {
    let rows: Range<Int>
    /// The position of the first row's token.
    let position: Int
    /// Where its pages begin in `pages`.
    let firstPage: Int
    let wantsLast: Bool
  }

  private let keyValueHeads: Int
  private let threads: Int
  private let region: MemoryRegion
  private let logitsRegion: MemoryRegion
  private let memory: Memory
  /// Room for the distributions of `scoredRows` rows, and for the parts of their softmax.
  let summaries: UnsafeMutablePointer<LogSoftmax>
  private let softmax: UnsafeMutablePointer<ck_softmax_part>
  /// The rows whose distributions are wanted, ascending.
  private(set) var scoredPlaces: [ScoredPlace] = []
  /// Where the logits of scored rows go, behind those that are kept until the next call.
  private let firstScoredLogits: Int
  private var rows = 0
  private var segments: [Segment] = []
  /// The pages of all segments of the batch, concatenated.
  private var pages: UnsafeMutableBufferPointer<UnsafeRawPointer?>
  private var pageCount = 0

  init(shape: RunShape, keyValueHeads: Int, vocabularySize: Int) throws(InferenceError) {
    maximumRows = shape.rows
    threads = shape.threads
    self.vocabularySize = vocabularySize
    self.keyValueHeads = keyValueHeads
    var counting = Arena()
    _ = Memory(shape, &counting)
    region = try MemoryRegion(byteCount: counting.used, purpose: "working memory")
    var arena = Arena(base: region.base)
    memory = Memory(shape, &arena)
    firstScoredLogits = max(BatchLimits.slots, shape.rows)
    let rowBytes = vocabularySize * MemoryLayout<Float>.stride
    let range = Limits.scoredRows
    scoredRows = min(max(Limits.scoredBytes / rowBytes, range.lowerBound), range.upperBound, shape.rows)
    logitsRegion = try MemoryRegion(byteCount: (firstScoredLogits + scoredRows) * rowBytes, purpose: "logits")
    summaries = .allocate(capacity: scoredRows)
    softmax = .allocate(capacity: scoredRows * LogSoftmax.partCount(of: vocabularySize))
    pages = .allocate(capacity: 1024)
  }

  deinit {
    pages.deallocate()
    softmax.deallocate()
    summaries.deallocate()
  }

  /// What is carved from one region.
  private struct Memory {
    let state: RunState
    let tokens: UnsafeMutablePointer<Int32>
    let positions: UnsafeMutablePointer<Int32>
    let wantedRows: UnsafeMutablePointer<Int32>
    let attention: AttentionPlan
    let tailAttention: AttentionPlan

    init(_ shape: RunShape, _ arena: inout Arena) {
      state = RunState(shape, &arena)
      tokens = arena.take(Int32.self, shape.rows)
      positions = arena.take(Int32.self, shape.rows)
      wantedRows = arena.take(Int32.self, shape.rows)
      attention = AttentionPlan(rows: shape.rows, &arena)
      tailAttention = AttentionPlan(rows: shape.rows, &arena)
    }
  }

  /// Scratch memory of the batch.
  var state: RunState { memory.state }

  /// Logits of the `index`th row that was wanted.
  func logits(_ index: Int) -> UnsafeMutablePointer<Float> {
    logitsRegion.base.assumingMemoryBound(to: Float.self) + index * vocabularySize
  }

  /// Rows that still fit.
  var room: Int { maximumRows - rows }

  /// Forgets every row.
  func clear() {
    rows = 0
    segments.removeAll(keepingCapacity: true)
    pageCount = 0
    scoredPlaces.removeAll(keepingCapacity: true)
  }

  /// Wants the distributions after `tokens` of a slot, whose token `first` is the next that is added.
  func score(slot: Int, rows tokens: Range<Int>, from first: Int) {
    for token in tokens {
      scoredPlaces.append(ScoredPlace(slot: slot, row: token, batchRow: rows + token - first))
    }
  }

  /// Adds consecutive tokens of one sequence, from 1 to `room`; their pages must already exist.
  func add(_ part: ArraySlice<TokenID>, cache: KVCache, position: Int, wantsLast: Bool) {
    let first = rows
    for token in part {
      memory.tokens[rows] = token.rawValue
      memory.positions[rows] = Int32(truncatingIfNeeded: position + rows - first)
      rows += 1
    }
    segments.append(
      Segment(rows: first..<rows, position: position, firstPage: pageCount, wantsLast: wantsLast))
    let count = (position + part.count - 1) / Limits.pagePositions + 1
    reserve(count)
    for page in cache.pages.prefix(count) {
      pages[pageCount] = UnsafeRawPointer(cache.pool.address(of: page))
      pageCount += 1
    }
  }

  /// The batch of what was added since `clear`, and the rows of it that are wanted.
  ///
  /// - Parameter firstLogits: How many rows of logits are kept from before.
  func finish(firstLogits: Int) -> (batch: Batch, wanted: Wanted) {
    var (attention, tail) = (memory.attention, memory.tailAttention)
    let table = UnsafePointer(pages.baseAddress.unsafelyUnwrapped)
    // Joined pieces must be enough for all threads.
    let most = min(
      Limits.attentionQueries, max(1, rows * keyValueHeads / (Limits.attentionPieces * threads)))
    var wantedCount = 0
    for segment in segments {
      let pages = table + segment.firstPage
      attention.add(rows: segment.rows, position: segment.position, pages: pages, most: most)
      guard segment.wantsLast else { continue }
      let last = segment.rows.upperBound - 1
      memory.wantedRows[wantedCount] = Int32(truncatingIfNeeded: last)
      tail.add(
        rows: last..<last + 1, position: segment.position + segment.rows.count - 1, pages: pages, most: 1)
      wantedCount += 1
    }
    let prunes = scoredPlaces.isEmpty && wantedCount < rows
    let wantedRows = UnsafePointer(memory.wantedRows)
    let batch = Batch(
      rows: rows, tokens: UnsafePointer(memory.tokens), positions: UnsafePointer(memory.positions),
      attention: attention,
      tail: prunes ? Tail(rows: wantedRows, count: wantedCount, attention: tail) : nil)
    let wanted = Wanted(
      rows: prunes ? nil : wantedRows, count: wantedCount, logits: logits(firstLogits), softmax: nil)
    return (batch, wanted)
  }

  /// Scored rows of the batch that ran last, at most `scoredRows`, and where the parts of their softmax go.
  func wanted(
    _ places: ArraySlice<ScoredPlace>
  ) -> (wanted: Wanted, softmax: UnsafeMutablePointer<ck_softmax_part>) {
    for (index, place) in places.enumerated() {
      memory.wantedRows[index] = Int32(truncatingIfNeeded: place.batchRow)
    }
    let wanted = Wanted(
      rows: UnsafePointer(memory.wantedRows), count: places.count, logits: logits(firstScoredLogits),
      softmax: softmax)
    return (wanted, softmax)
  }

  /// Makes room for `count` more pages in the table.
  private func reserve(_ count: Int) {
    guard pageCount + count > pages.count else { return }
    let larger = UnsafeMutableBufferPointer<UnsafeRawPointer?>.allocate(
      capacity: max(2 * pages.count, pageCount + count))
    for index in 0..<pageCount { larger[index] = pages[index] }
    pages.deallocate()
    pages = larger
  }
}

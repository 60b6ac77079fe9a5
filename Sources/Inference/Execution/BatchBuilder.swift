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

  let state: RunState
  /// Maximum number of rows in a batch.
  let maximumRows: Int
  let vocabularySize: Int

  private let keyValueHeads: Int
  private let region: MemoryRegion
  private let logitsRegion: MemoryRegion
  private let tokens: UnsafeMutablePointer<Int32>
  private let positions: UnsafeMutablePointer<Int32>
  private let segments: UnsafeMutablePointer<Segment>
  private let wantedRows: UnsafeMutablePointer<Int32>
  private let tailSegments: UnsafeMutablePointer<Segment>
  /// Room for the distributions of `Limits.scoredRows` rows.
  let summaries: UnsafeMutablePointer<LogSoftmax>
  /// The rows whose distributions are wanted, ascending.
  private(set) var scoredPlaces: [ScoredPlace] = []
  /// Where the logits of scored rows go, behind those that are kept until the next call.
  private let firstScoredLogits: Int
  private var rows = 0
  private var segmentCount = 0
  private var wantedCount = 0
  private var items = 0
  /// The pages of all segments of the batch, concatenated.
  private var pages: UnsafeMutableBufferPointer<UnsafeMutableRawPointer>
  private var pageCount = 0

  init(shape: RunShape, keyValueHeads: Int, vocabularySize: Int) throws(InferenceError) {
    maximumRows = shape.rows
    self.vocabularySize = vocabularySize
    self.keyValueHeads = keyValueHeads
    var counting = Arena()
    _ = Self.carve(shape, &counting)
    region = try MemoryRegion(byteCount: counting.used, purpose: "working memory")
    var arena = Arena(base: region.base)
    (state, tokens, positions, segments, wantedRows, tailSegments) = Self.carve(shape, &arena)
    firstScoredLogits = max(BatchLimits.slots, shape.rows)
    logitsRegion = try MemoryRegion(
      byteCount: (firstScoredLogits + Limits.scoredRows) * vocabularySize * MemoryLayout<Float>.stride,
      purpose: "logits")
    summaries = .allocate(capacity: Limits.scoredRows)
    pages = .allocate(capacity: 1024)
  }

  deinit {
    pages.deallocate()
    summaries.deallocate()
  }

  private static func carve(_ shape: RunShape, _ arena: inout Arena) -> (
    RunState, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Segment>,
    UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Segment>
  ) {
    (
      RunState(shape, &arena), arena.take(Int32.self, shape.rows), arena.take(Int32.self, shape.rows),
      arena.take(Segment.self, shape.rows), arena.take(Int32.self, shape.rows),
      arena.take(Segment.self, shape.rows)
    )
  }

  /// Logits of the `index`th row that was wanted.
  func logits(_ index: Int) -> UnsafeMutablePointer<Float> {
    logitsRegion.base.assumingMemoryBound(to: Float.self) + index * vocabularySize
  }

  /// Rows that still fit.
  var room: Int { maximumRows - rows }

  /// Forgets every row.
  func clear() {
    rows = 0
    segmentCount = 0
    wantedCount = 0
    items = 0
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
    let segment = Segment(
      firstRow: rows, rows: part.count, firstPosition: position, pages: UnsafePointer(placeholder),
      firstItem: items)
    segments[segmentCount] = segment
    segmentCount += 1
    for token in part {
      tokens[rows] = token.rawValue
      positions[rows] = Int32(truncatingIfNeeded: position + rows - segment.firstRow)
      rows += 1
    }
    items += segment.blocks * keyValueHeads
    if wantsLast {
      wantedRows[wantedCount] = Int32(truncatingIfNeeded: rows - 1)
      tailSegments[wantedCount] = Segment(
        firstRow: rows - 1, rows: 1, firstPosition: position + part.count - 1,
        pages: UnsafePointer(placeholder), firstItem: wantedCount * keyValueHeads)
      wantedCount += 1
    }
    reserve(segment.pageCount)
    for page in cache.pages.prefix(segment.pageCount) {
      pages[pageCount] = cache.pool.address(of: page)
      pageCount += 1
    }
  }

  /// The batch of what was added since `clear`, and the rows of it that are wanted.
  ///
  /// - Parameter firstLogits: How many rows of logits are kept from before.
  func finish(firstLogits: Int) -> (batch: Batch, wanted: Wanted) {
    var next = UnsafePointer(placeholder)
    var tail = 0
    for index in 0..<segmentCount {
      segments[index].pages = next
      let lastRow = segments[index].firstRow + segments[index].rows - 1
      if tail < wantedCount, tailSegments[tail].firstRow == lastRow {
        tailSegments[tail].pages = next
        tail += 1
      }
      next += segments[index].pageCount
    }
    let prunes = scoredPlaces.isEmpty && wantedCount < rows
    let batch = Batch(
      rows: rows, tokens: UnsafePointer(tokens), positions: UnsafePointer(positions),
      segments: UnsafePointer(segments), segmentCount: segmentCount, items: items,
      singleRows: segmentCount == rows,
      tail: prunes
        ? Tail(
          rows: UnsafePointer(wantedRows), count: wantedCount, segments: UnsafePointer(tailSegments),
          items: wantedCount * keyValueHeads) : nil)
    let wanted = Wanted(
      rows: prunes ? nil : UnsafePointer(wantedRows), count: wantedCount, logits: logits(firstLogits))
    return (batch, wanted)
  }

  /// Scored rows of the batch that ran last, as wanted ones; at most `Limits.scoredRows`.
  func wanted(_ places: ArraySlice<ScoredPlace>) -> Wanted {
    for (index, place) in places.enumerated() {
      wantedRows[index] = Int32(truncatingIfNeeded: place.batchRow)
    }
    return Wanted(
      rows: UnsafePointer(wantedRows), count: places.count, logits: logits(firstScoredLogits))
  }

  /// The table's first entry; it is never empty.
  private var placeholder: UnsafeMutablePointer<UnsafeMutableRawPointer> {
    UnsafeMutablePointer(mutating: UnsafePointer(pages.baseAddress.unsafelyUnwrapped))
  }

  /// Makes room for `count` more pages in the table.
  private func reserve(_ count: Int) {
    guard pageCount + count > pages.count else { return }
    let larger = UnsafeMutableBufferPointer<UnsafeMutableRawPointer>.allocate(
      capacity: max(2 * pages.count, pageCount + count))
    for index in 0..<pageCount { larger[index] = pages[index] }
    pages.deallocate()
    pages = larger
  }
}

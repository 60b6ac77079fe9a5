import CKernels

/// Queries that one piece of attention work takes: parts of sequences that begin with the same pages.
struct AttentionBlock: BitwiseCopyable {
  let parts: UnsafePointer<ck_attention_part>
  var count: Int
  /// Rows of all parts.
  var rows: Int
  /// Positions whose pages all parts have in common; 0 for one part.
  var shared: Int
}

/// The attention work of some rows of a batch: for each block, one piece a key/value head.
struct AttentionPlan: BitwiseCopyable {
  /// The parts of all blocks, their rows ascending.
  let parts: UnsafeMutablePointer<ck_attention_part>
  let blocks: UnsafeMutablePointer<AttentionBlock>
  private(set) var partCount = 0
  private(set) var blockCount = 0

  /// A plan of at most `rows` rows, in memory from `arena`.
  init(rows: Int, _ arena: inout Arena) {
    parts = arena.take(ck_attention_part.self, rows)
    blocks = arena.take(AttentionBlock.self, rows)
  }

  /// Forgets every row.
  mutating func clear() {
    partCount = 0
    blockCount = 0
  }

  /// Adds consecutive rows of one sequence, which join the last block if they have enough pages in common with it.
  ///
  /// - Parameters:
  ///   - position: The first row's.
  ///   - pages: The sequence's pages, from position 0 to the last row's.
  ///   - most: Rows that a block may have after others have joined it.
  mutating func add(rows: Range<Int>, position: Int, pages: UnsafePointer<UnsafeRawPointer?>, most: Int) {
    var rest = rows
    if blockCount > 0, blocks[blockCount - 1].rows + rest.count <= most,
      let shared = sharedPositions(blocks[blockCount - 1], pages, positions: position + rows.count)
    {
      append(&rest, count: rest.count, of: rows, position, pages)
      blocks[blockCount - 1].count += 1
      blocks[blockCount - 1].rows += rows.count
      blocks[blockCount - 1].shared = shared
    }
    while !rest.isEmpty {
      let count = min(rest.count, Limits.attentionQueries)
      (blocks + blockCount).initialize(
        to: AttentionBlock(parts: UnsafePointer(parts + partCount), count: 1, rows: count, shared: 0))
      blockCount += 1
      append(&rest, count: count, of: rows, position, pages)
    }
  }

  /// Makes the next `count` rows a part.
  private mutating func append(
    _ rest: inout Range<Int>, count: Int, of rows: Range<Int>, _ position: Int,
    _ pages: UnsafePointer<UnsafeRawPointer?>
  ) {
    (parts + partCount).initialize(
      to: ck_attention_part(
        pages: pages, first_row: rest.lowerBound, queries: count,
        first_position: position + rest.lowerBound - rows.lowerBound))
    partCount += 1
    rest = rest.lowerBound + count..<rest.upperBound
  }

  /// Positions that a block shares once a sequence of `positions` has joined it; nil if that is not worth it.
  private func sharedPositions(
    _ block: AttentionBlock, _ pages: UnsafePointer<UnsafeRawPointer?>, positions: Int
  ) -> Int? {
    let first = block.parts[0]
    let held = min(positions, first.first_position + first.queries)
    let wanted = block.count > 1 ? block.shared : held
    var common = 0
    while common < wanted, first.pages[common / Limits.pagePositions] == pages[common / Limits.pagePositions]
    {
      common += Limits.pagePositions
    }
    // Those of a block that are shared already stay so.
    let least = block.count > 1 ? block.shared : Limits.sharedAttention
    return common >= least ? min(common, wanted) : nil
  }
}

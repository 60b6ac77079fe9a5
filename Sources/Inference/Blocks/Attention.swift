import CKernels
import Glibc

/// What attention needs to know of a network: the same in every layer.
struct AttentionShape: BitwiseCopyable {
  let heads: Int
  let keyValueHeads: Int
  let headLength: Int
  let ropeLength: Int
  /// Positions that a query sees; 0: all.
  let window: Int
  let scale: Float
  /// The type of keys and values in the cache.
  let cacheType: CacheType

  /// Query heads that share a key and value head.
  var group: Int { heads / keyValueHeads }
  /// Bytes of one head's keys of one position, and of all positions of a page; the values follow these.
  var cacheRowBytes: Int { headLength * cacheType.bytes }
  var pageHeadBytes: Int { Limits.pagePositions * cacheRowBytes }
  /// Where keys and values start in a row of queries, keys and values.
  var keyOffset: Int { heads * headLength }
  var valueOffset: Int { (heads + keyValueHeads) * headLength }
  /// Floats of such a row.
  var rowLength: Int { (heads + 2 * keyValueHeads) * headLength }

  /// The largest piece of work for a context: what scratch is sized by.
  func largestWork(context: Int) -> ck_attention_work {
    var work = ck_attention_work()
    work.page_tokens = Limits.pagePositions
    work.queries = min(context, Limits.attentionQueries)
    work.group = group
    work.head_dim = headLength
    work.first_position = context - work.queries
    work.window = window
    work.scale = scale
    return work
  }
}

extension ComputeThread {
  /// Rotates queries and keys, stores keys and values in the cache, and attends: `state.queryKeyValue` to
  /// `state.attended`.
  func attend(_ shape: AttentionShape, layer: Int, _ batch: Batch) {
    if !batch.singleRows {
      store(shape, layer: layer, batch)
      barrier()
    }
    attend(
      shape, layer: layer, batch.segments, count: batch.segmentCount, items: batch.items,
      storing: batch.singleRows)
  }

  /// Attends for segments whose keys and values are in the cache, or, `storing`, are single rows that are not
  /// yet.
  func attend(
    _ shape: AttentionShape, layer: Int, _ segments: UnsafePointer<Segment>, count: Int, items: Int,
    storing: Bool
  ) {
    while let share = member.claim(of: items, minimum: 1) {
      var index = 0
      for item in share {
        while index + 1 < count, segments[index + 1].firstItem <= item { index += 1 }
        let segment = segments[index]
        let head = (item - segment.firstItem) % shape.keyValueHeads
        if storing { store(shape, layer: layer, segment, row: segment.firstRow, head: head) }
        attend(
          shape, layer: layer, segment, head: head, block: (item - segment.firstItem) / shape.keyValueHeads)
      }
    }
  }

  /// Rotates queries and keys of every row of a batch, and stores keys and values.
  func store(_ shape: AttentionShape, layer: Int, _ batch: Batch) {
    while let share = member.claim(of: batch.rows, minimum: 4) {
      var index = 0
      for row in share {
        while row >= batch.segments[index].firstRow + batch.segments[index].rows { index += 1 }
        for head in 0..<shape.keyValueHeads {
          store(shape, layer: layer, batch.segments[index], row: row, head: head)
        }
      }
    }
  }

  /// Rotates one row's queries and key of one key/value head, and stores key and value.
  private func store(_ shape: AttentionShape, layer: Int, _ segment: Segment, row: Int, head: Int) {
    let length = shape.headLength
    let values = state.queryKeyValue + row * shape.rowLength
    let pairs = shape.ropeLength / 2
    let cosines = state.cosines + row * pairs
    let sines = state.sines + row * pairs
    let key = values + shape.keyOffset + head * length
    ck_rope(
      values + head * shape.group * length, shape.group, length, shape.ropeLength, cosines, sines, true)
    ck_rope(key, 1, length, shape.ropeLength, cosines, sines, true)
    let position = segment.firstPosition + row - segment.firstRow
    let page =
      segment.pages[position / Limits.pagePositions] + pageOffset(shape, layer: layer, head: head)
      + position % Limits.pagePositions * shape.cacheRowBytes
    let type = shape.cacheType.kernelType
    ck_to_cache(type, key, page, length)
    ck_to_cache(type, values + shape.valueOffset + head * length, page + shape.pageHeadBytes, length)
  }

  /// One piece of work: a block of queries of one segment, for one key/value head.
  private func attend(_ shape: AttentionShape, layer: Int, _ segment: Segment, head: Int, block: Int) {
    let first = block * Limits.attentionQueries
    let queries = min(Limits.attentionQueries, segment.rows - first)
    let own = state.members[member.index]
    let offset = pageOffset(shape, layer: layer, head: head)
    let pages = (segment.firstPosition + first + queries - 1) / Limits.pagePositions + 1
    for page in 0..<pages {
      let keys = segment.pages[page] + offset
      own.keyPages[page] = UnsafeRawPointer(keys)
      own.valuePages[page] = UnsafeRawPointer(keys + shape.pageHeadBytes)
    }
    let row = segment.firstRow + first
    let column = head * shape.group * shape.headLength
    var work = ck_attention_work(
      q: state.queryKeyValue + row * shape.rowLength + column, q_stride: shape.rowLength,
      out: state.attended + row * shape.keyOffset + column, out_stride: shape.keyOffset,
      cache_type: shape.cacheType.kernelType, k_pages: own.keyPages, v_pages: own.valuePages,
      page_tokens: Limits.pagePositions,
      queries: queries, group: shape.group, head_dim: shape.headLength,
      first_position: segment.firstPosition + first, window: shape.window, scale: shape.scale)
    ck_attention(&work, own.attention)
  }

  /// Moves the rows of `tail` to the front of `values`.
  func gather(_ tail: Tail, _ values: UnsafeMutablePointer<Float>, length: Int) {
    // Ascending rows never move onto one that is still to be moved.
    for index in 0..<tail.count {
      let row = Int(tail.rows[index])
      if row != index { memcpy(values + index * length, values + row * length, length * 4) }
    }
  }

  private func pageOffset(_ shape: AttentionShape, layer: Int, head: Int) -> Int {
    (layer * shape.keyValueHeads + head) * 2 * shape.pageHeadBytes
  }

  /// Fills cosines and sines of one row.
  func rotate(row: Int, position: Int32, _ rotation: Rotation) {
    let cosines = state.cosines + row * rotation.pairs
    let sines = state.sines + row * rotation.pairs
    rotation.fill(position: position, cosines: cosines, sines: sines)
  }
}

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
  /// Halves of one head's keys in a page; its values follow.
  let headHalves: Int

  /// Query heads that share a key and value head.
  var group: Int { heads / keyValueHeads }
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

extension Worker {
  /// Rotates queries and keys, stores keys and values in the cache, and attends: `state.queryKeyValue` to
  /// `state.attended`.
  func attend(_ shape: AttentionShape, layer: Int, _ batch: Batch) {
    if !batch.singleRows {
      storeAll(shape, layer: layer, batch)
      barrier()
    }
    while let share = member.claim(of: batch.items, minimum: 1) {
      var segment = 0
      for item in share {
        while segment + 1 < batch.segmentCount, batch.segments[segment + 1].firstItem <= item { segment += 1 }
        attend(shape, layer: layer, batch, batch.segments[segment], item: item)
      }
    }
  }

  /// Rotates and stores every row of a batch.
  private func storeAll(_ shape: AttentionShape, layer: Int, _ batch: Batch) {
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
      + position % Limits.pagePositions * length
    ck_to_f16(key, page, length)
    ck_to_f16(values + shape.valueOffset + head * length, page + shape.headHalves, length)
  }

  /// One piece of work: a block of queries of one segment, for one key/value head.
  private func attend(
    _ shape: AttentionShape, layer: Int, _ batch: Batch, _ segment: Segment, item: Int
  ) {
    let head = (item - segment.firstItem) % shape.keyValueHeads
    let block = (item - segment.firstItem) / shape.keyValueHeads
    let first = block * Limits.attentionQueries
    let queries = min(Limits.attentionQueries, segment.rows - first)
    if batch.singleRows { store(shape, layer: layer, segment, row: segment.firstRow, head: head) }
    let own = state.members[member.index]
    let offset = pageOffset(shape, layer: layer, head: head)
    let pages = (segment.firstPosition + first + queries - 1) / Limits.pagePositions + 1
    for page in 0..<pages {
      let keys = segment.pages[page] + offset
      own.keyPages[page] = UnsafePointer(keys)
      own.valuePages[page] = UnsafePointer(keys + shape.headHalves)
    }
    let row = segment.firstRow + first
    let column = head * shape.group * shape.headLength
    var work = ck_attention_work(
      q: state.queryKeyValue + row * shape.rowLength + column, q_stride: shape.rowLength,
      out: state.attended + row * shape.keyOffset + column, out_stride: shape.keyOffset,
      k_pages: own.keyPages, v_pages: own.valuePages, page_tokens: Limits.pagePositions,
      queries: queries, group: shape.group, head_dim: shape.headLength,
      first_position: segment.firstPosition + first, window: shape.window, scale: shape.scale)
    ck_attention(&work, own.attention)
  }

  private func pageOffset(_ shape: AttentionShape, layer: Int, head: Int) -> Int {
    (layer * shape.keyValueHeads + head) * 2 * shape.headHalves
  }

  /// Fills cosines and sines of one row.
  func rotate(row: Int, position: Int32, _ radians: UnsafePointer<Double>, pairs: Int, magnitude: Double) {
    let cosines = state.cosines + row * pairs
    let sines = state.sines + row * pairs
    for pair in 0..<pairs {
      let angle = Double(position) * radians[pair]
      cosines[pair] = Float(cos(angle) * magnitude)
      sines[pair] = Float(sin(angle) * magnitude)
    }
  }
}

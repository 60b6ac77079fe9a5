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
}

extension ComputeThread {
  /// Rotates queries and keys, stores keys and values in the cache, and attends: `state.queryKeyValue` to
  /// `state.attended`.
  func attend(_ shape: AttentionShape, layer: Int, _ batch: Batch) {
    if !batch.singleRows {
      store(shape, layer: layer, batch)
      barrier()
    }
    attend(shape, layer: layer, batch.attention, storing: batch.singleRows)
  }

  /// Attends for rows whose keys and values are in the cache, or, `storing`, are single rows that are not yet.
  func attend(_ shape: AttentionShape, layer: Int, _ plan: AttentionPlan, storing: Bool) {
    while let share = member.claim(of: plan.blockCount * shape.keyValueHeads, minimum: 1) {
      for item in share {
        let block = plan.blocks[item / shape.keyValueHeads]
        let head = item % shape.keyValueHeads
        if storing {
          for index in 0..<block.count {
            store(shape, layer: layer, block.parts[index], row: block.parts[index].first_row, head: head)
          }
        }
        attend(shape, layer: layer, block, head: head)
      }
    }
  }

  /// Rotates queries and keys of every row of a batch, and stores keys and values.
  func store(_ shape: AttentionShape, layer: Int, _ batch: Batch) {
    while let share = member.claim(of: batch.rows, minimum: 4) {
      var part = batch.attention.parts
      for row in share {
        while row >= part.pointee.first_row + part.pointee.queries { part += 1 }
        for head in 0..<shape.keyValueHeads {
          store(shape, layer: layer, part.pointee, row: row, head: head)
        }
      }
    }
  }

  /// Rotates one row's queries and key of one key/value head, and stores key and value.
  private func store(_ shape: AttentionShape, layer: Int, _ part: ck_attention_part, row: Int, head: Int) {
    let length = shape.headLength
    let values = state.queryKeyValue + row * shape.rowLength
    let pairs = shape.ropeLength / 2
    let cosines = state.cosines + row * pairs
    let sines = state.sines + row * pairs
    let key = values + shape.keyOffset + head * length
    ck_rope(
      values + head * shape.group * length, shape.group, length, shape.ropeLength, cosines, sines, true)
    ck_rope(key, 1, length, shape.ropeLength, cosines, sines, true)
    let position = part.first_position + row - part.first_row
    let offset =
      pageOffset(shape, layer: layer, head: head)
      + position % Limits.pagePositions * shape.cacheRowBytes
    let page = UnsafeMutableRawPointer(
      mutating: part.pages[position / Limits.pagePositions].unsafelyUnwrapped + offset)
    let type = shape.cacheType.kernelType
    ck_to_cache(type, key, page, length)
    ck_to_cache(type, values + shape.valueOffset + head * length, page + shape.pageHeadBytes, length)
  }

  /// One piece of work: a block of queries, for one key/value head.
  private func attend(_ shape: AttentionShape, layer: Int, _ block: AttentionBlock, head: Int) {
    let column = head * shape.group * shape.headLength
    let keys = pageOffset(shape, layer: layer, head: head)
    var work = ck_attention_work(
      parts: block.parts, part_count: block.count, shared: block.shared,
      q: state.queryKeyValue + column, q_stride: shape.rowLength,
      out: state.attended + column, out_stride: shape.keyOffset,
      cache_type: shape.cacheType.kernelType, page_tokens: Limits.pagePositions,
      key_offset: keys, value_offset: keys + shape.pageHeadBytes,
      group: shape.group, head_dim: shape.headLength, window: shape.window, scale: shape.scale)
    ck_attention(&work, state.members[member.index].attention)
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

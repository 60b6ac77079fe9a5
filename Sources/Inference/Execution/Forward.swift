import Tokens

extension LanguageModel {
  /// Runs each slot's tokens through the network, appending to its cache.
  ///
  /// The logits of a slot are bit for bit the same whatever other slots are there, however its tokens were spread
  /// over calls, and however many threads compute.
  /// - Parameter slots: At most one slot a cache; none empty; at most `Limits.slots`.
  /// - Returns: Per slot, the logits after its last token if it asked for them (`vocabularySize` floats, valid until
  ///   the next call), else nil.
  /// - Throws: Before anything is changed.
  public func forward(
    _ slots: [BatchSlot<KVCache>]
  ) throws(InferenceError) -> [UnsafeBufferPointer<Float>?] {
    try exclusively { () throws(InferenceError) in
      try admit(slots)
      var results: [UnsafeBufferPointer<Float>?] = []
      results.reserveCapacity(slots.count)
      var kept = 0
      batches.clear()
      var flushed = 0
      for slot in slots {
        var rest = slot.tokens
        while !rest.isEmpty {
          if batches.room == 0 {
            run(firstLogits: flushed)
            flushed = kept
          }
          let part = rest.prefix(batches.room)
          let position = slot.cache.count - rest.count
          rest = rest.dropFirst(part.count)
          batches.add(
            part, cache: slot.cache, position: position, wantsLast: slot.wantsLogits && rest.isEmpty)
        }
        results.append(
          slot.wantsLogits
            ? UnsafeBufferPointer(start: batches.logits(kept), count: vocabularySize) : nil)
        kept += slot.wantsLogits ? 1 : 0
      }
      if !slots.isEmpty { run(firstLogits: flushed) }
      return results
    }
  }

  /// Runs one slot's tokens through the network and hands out the logits after each of them, for scoring.
  ///
  /// - Parameter body: Given the index of each token in the slot, in order, and the logits after it
  ///   (`vocabularySize` floats, valid during the call).
  /// - Throws: Before anything is changed.
  public func forwardAll(
    _ slot: BatchSlot<KVCache>, _ body: (_ index: Int, _ logits: UnsafeBufferPointer<Float>) -> Void
  ) throws(InferenceError) {
    try exclusively { () throws(InferenceError) in
      try admit([slot])
      var rest = slot.tokens
      while !rest.isEmpty {
        let done = slot.tokens.count - rest.count
        let position = slot.cache.count - rest.count
        batches.clear()
        let part = rest.prefix(batches.room)
        rest = rest.dropFirst(part.count)
        batches.add(part, cache: slot.cache, position: position, wantsLast: false)
        run(firstLogits: 0, keepsAll: true)
        for first in stride(from: 0, to: part.count, by: Limits.scoredRows) {
          let rows = first..<min(part.count, first + Limits.scoredRows)
          score(rows)
          for row in rows {
            let logits = batches.logits(row - first)
            body(done + row, UnsafeBufferPointer(start: logits, count: vocabularySize))
          }
        }
      }
    }
  }

  /// Computes what was added to the batch, logits included, and empties it.
  private func run(firstLogits: Int, keepsAll: Bool = false) {
    let (batch, wanted) = batches.finish(firstLogits: firstLogits, keepsAll: keepsAll)
    let state = batches.state
    team.run { [network] member in
      let thread = ComputeThread(member: member, state: state)
      network.forward(batch, thread)
      if wanted.count > 0 { network.head(wanted, thread) }
    }
    batches.clear()
  }

  /// Computes the logits of rows of the batch that ran last.
  private func score(_ rows: Range<Int>) {
    let wanted = batches.score(rows)
    let state = batches.state
    team.run { [network] member in network.head(wanted, ComputeThread(member: member, state: state)) }
  }

  /// Checks every slot, then takes the pages that the tokens need.
  private func admit(_ slots: [BatchSlot<KVCache>]) throws(InferenceError) {
    guard slots.count <= Limits.slots else {
      throw .tooManySlots(found: slots.count, limit: Limits.slots)
    }
    var pages = 0
    call += 1
    for (index, slot) in slots.enumerated() {
      try check(slot, index)
      guard slot.cache.lastCall != call else { throw .duplicateCache(slot: index) }
      slot.cache.lastCall = call
      pages += slot.cache.pagesNeeded(adding: slot.tokens.count)
    }
    guard pages <= pool.capacity - pool.used else { throw pool.full(pages: pages) }
    for slot in slots {
      guard slot.cache.append(slot.tokens.count) else { throw pool.full(pages: pages) }
    }
  }

  private func check(_ slot: BatchSlot<KVCache>, _ index: Int) throws(InferenceError) {
    guard !slot.tokens.isEmpty else { throw .emptySlot(slot: index) }
    guard slot.cache.pool === pool else { throw .foreignCache(slot: index) }
    guard slot.tokens.count <= contextLength - slot.cache.count else {
      throw .contextFull(
        slot: index, positions: slot.cache.count + slot.tokens.count, limit: contextLength)
    }
    for (offset, token) in slot.tokens.enumerated() where !(0..<vocabularySize).contains(token.index) {
      throw .tokenOutOfRange(
        slot: index, index: offset, token: token.index, vocabularySize: vocabularySize)
    }
  }
}

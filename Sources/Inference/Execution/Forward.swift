import Tokens

extension LanguageModel {
  /// Runs each slot's tokens through the network, appending to its cache.
  ///
  /// The logits of a slot are bit for bit the same whatever other slots are there, however its tokens were spread
  /// over calls, and however many threads compute.
  /// - Parameters:
  ///   - slots: At most one slot a cache; none empty; at most `BatchLimits.slots`.
  ///   - scored: Given every row that a slot wants scored, in order, on the caller's thread.
  /// - Returns: Per slot, the logits after its last token if it asked for them (`vocabularySize` floats, valid until
  ///   the next call), else nil.
  /// - Throws: Before anything is changed.
  public func forward(
    _ slots: [BatchSlot<KVCache>], scored: (ScoredRow) -> Void = { _ in }
  ) throws(InferenceError) -> [UnsafeBufferPointer<Float>?] {
    try exclusively { () throws(InferenceError) in
      try admit(slots)
      var results: [UnsafeBufferPointer<Float>?] = []
      results.reserveCapacity(slots.count)
      var kept = 0
      batches.clear()
      var flushed = 0
      for (index, slot) in slots.enumerated() {
        var rest = slot.tokens
        while !rest.isEmpty {
          if batches.room == 0 {
            run(firstLogits: flushed, scored)
            flushed = kept
          }
          let part = rest.prefix(batches.room)
          let done = slot.tokens.count - rest.count
          let position = slot.cache.count - rest.count
          rest = rest.dropFirst(part.count)
          batches.score(slot: index, rows: slot.scoredRows.clamped(to: done..<done + part.count), from: done)
          batches.add(
            part, cache: slot.cache, position: position, wantsLast: slot.wantsLogits && rest.isEmpty)
        }
        results.append(
          slot.wantsLogits
            ? UnsafeBufferPointer(start: batches.logits(kept), count: vocabularySize) : nil)
        kept += slot.wantsLogits ? 1 : 0
      }
      if !slots.isEmpty { run(firstLogits: flushed, scored) }
      return results
    }
  }

  /// Runs one slot's tokens through the network and hands out the logits after each of them.
  ///
  /// - Parameter body: Given the index of each token in the slot, in order, and the logits after it
  ///   (`vocabularySize` floats, valid during the call).
  /// - Throws: Before anything is changed.
  public func forwardAll(
    _ slot: BatchSlot<KVCache>, _ body: (_ index: Int, _ logits: UnsafeBufferPointer<Float>) -> Void
  ) throws(InferenceError) {
    let slot = BatchSlot(
      cache: slot.cache, tokens: slot.tokens, wantsLogits: false, scoredRows: 0..<slot.tokens.count)
    _ = try forward([slot]) { body($0.row, $0.distribution.logits) }
  }

  /// Computes what was added to the batch, logits and scores included, and empties it.
  private func run(firstLogits: Int, _ scored: (ScoredRow) -> Void) {
    let (batch, wanted) = batches.finish(firstLogits: firstLogits)
    let state = batches.state
    team.run { [network] member in
      let thread = ComputeThread(member: member, state: state)
      network.forward(batch, thread)
      if wanted.count > 0 { network.head(wanted, thread) }
    }
    let places = batches.scoredPlaces
    for first in stride(from: 0, to: places.count, by: batches.scoredRows) {
      score(places[first..<min(places.count, first + batches.scoredRows)], scored)
    }
    batches.clear()
  }

  /// Computes the distributions of rows of the batch that ran last: at most `BatchBuilder.scoredRows`.
  private func score(_ places: ArraySlice<BatchBuilder.ScoredPlace>, _ scored: (ScoredRow) -> Void) {
    let (wanted, softmax) = batches.wanted(places)
    let (state, size, summaries) = (batches.state, vocabularySize, batches.summaries)
    let count = LogSoftmax.partCount(of: size)
    team.run { [network] member in
      let thread = ComputeThread(member: member, state: state)
      network.head(wanted, thread)
      while let share = thread.member.claim(of: wanted.count, minimum: 1) {
        for row in share {
          let logits = UnsafeBufferPointer(start: wanted.logits + row * size, count: size)
          let parts = UnsafeBufferPointer(start: softmax + row * count, count: count)
          (summaries + row).initialize(to: LogSoftmax(logits, parts: parts))
        }
      }
      thread.barrier()
    }
    for (index, place) in places.enumerated() {
      scored(ScoredRow(slot: place.slot, row: place.row, distribution: summaries[index]))
    }
  }

  /// Checks every slot, then takes the pages that the tokens need.
  private func admit(_ slots: [BatchSlot<KVCache>]) throws(InferenceError) {
    guard slots.count <= BatchLimits.slots else {
      throw .tooManySlots(found: slots.count, limit: BatchLimits.slots)
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

import Inference
import Sampling
import Tokens

/// The shares of a step as slots of the model: one for each cache.
extension EngineLoop {
  /// Consecutive tokens of one cache that a step computes.
  struct Piece {
    let sequence: Running
    /// The text to score that they belong to; nil: they are the sequence's own tokens.
    let text: ScoringWork<Model.Cache>.TextRun?
    let slot: BatchSlot<Model.Cache>
  }

  /// What is left for further texts of scoring requests once each share has a slot.
  private struct Room {
    var slots: Int
    var positions: Int
  }

  /// The pieces of all shares; texts to score are begun as far as slots and pages last.
  ///
  /// - Throws: `cacheFull` when a share cannot have even one piece.
  func pieces(of shares: [Share]) throws(InferenceError) -> [Piece] {
    var room = Room(slots: BatchLimits.slots - shares.count, positions: model.cacheCapacity - model.cacheUsed)
    for share in shares { room.positions -= share.count + Limits.growth }
    var pieces: [Piece] = []
    for share in shares {
      guard let cache = share.sequence.cache else { preconditionFailure("a share without a place") }
      if case .scoring(let work) = share.sequence.work, cache.count == share.sequence.tokens.count {
        pieces += try scoringPieces(of: share, work, after: cache, &room)
      } else {
        pieces.append(ownPiece(of: share.sequence, cache, count: share.count))
      }
    }
    return pieces
  }

  /// A part of a prompt or context, or the token that was generated last.
  private func ownPiece(of sequence: Running, _ cache: Model.Cache, count: Int) -> Piece {
    let range = cache.count..<cache.count + count
    var slot = BatchSlot(cache: cache, tokens: sequence.tokens[range], wantsLogits: false)
    let isLast = range.upperBound == sequence.tokens.count
    switch sequence.work {
    case .generation(let work):
      slot.wantsLogits = isLast && work.request.maxTokens != 0
      let scored = work.unscored(in: range)
      if !scored.isEmpty {
        slot.scoredRows = scored.lowerBound - range.lowerBound..<scored.upperBound - range.lowerBound
      }
    case .scoring(let work):
      slot.wantsLogits = isLast && work.wantsContextRow
    }
    return Piece(sequence: sequence, text: nil, slot: slot)
  }

  /// What a scoring request runs after its context: the context's last token again, if only the cache had it and the
  /// distribution after it is wanted, and texts.
  private func scoringPieces(
    of share: Share, _ work: ScoringWork<Model.Cache>, after context: Model.Cache, _ room: inout Room
  ) throws(InferenceError) -> [Piece] {
    guard work.wantsContextRow else {
      var pieces: [Piece] = []
      try addTexts(to: &pieces, of: share.sequence, work, count: share.count, after: context, &room)
      return pieces
    }
    let before = context.count - 1
    guard room.slots > 0, room.positions >= Limits.growth, let again = try? context.fork(count: before) else {
      // No room for a second cache: the first one gives up the token, and texts wait for the next step.
      context.truncate(to: before)
      return [ownPiece(of: share.sequence, context, count: 1)]
    }
    room.slots -= 1
    room.positions -= Limits.growth
    var pieces = [ownPiece(of: share.sequence, again, count: 1)]
    try addTexts(to: &pieces, of: share.sequence, work, count: share.count - 1, after: context, &room)
    return pieces
  }

  /// The text that was cut, then new ones, `count` tokens in all.
  ///
  /// - Throws: What keeps even the first piece from being made.
  private func addTexts(
    to pieces: inout [Piece], of sequence: Running, _ work: ScoringWork<Model.Cache>, count: Int,
    after context: Model.Cache, _ room: inout Room
  ) throws(InferenceError) {
    var left = count
    var run = work.cut
    var next = work.next
    while left > 0 {
      let text: ScoringWork<Model.Cache>.TextRun
      if let cut = run {
        text = cut
        run = nil
      } else {
        guard let index = work.runnable(from: next) else { break }
        guard pieces.isEmpty || room.slots > 0 && room.positions >= Limits.growth else { break }
        do throws(InferenceError) {
          text = .init(index: index, cache: try context.fork(count: context.count))
        } catch {
          if pieces.isEmpty { throw error }
          break
        }
        next = index + 1
      }
      if !pieces.isEmpty {
        room.slots -= 1
        room.positions -= Limits.growth
      }
      let rest = work.request.texts[text.index].tokens.dropLast().dropFirst(text.computed)
      let tokens = rest.prefix(left)
      left -= tokens.count
      let scored = work.scoredRows(text, count: tokens.count)
      let slot = BatchSlot(cache: text.cache, tokens: tokens, wantsLogits: false, scoredRows: scored)
      pieces.append(Piece(sequence: sequence, text: text, slot: slot))
    }
  }

  /// Takes in a distribution that a piece wants.
  func score(_ row: ScoredRow, in piece: Piece) {
    let sequence = piece.sequence
    guard !sequence.stream.hasEnded else { return }
    guard row.distribution.isValid else { return fail(sequence, .badLogits) }
    switch sequence.work {
    case .generation(let work):
      work.score(after: piece.slot.tokens.startIndex + row.row, row.distribution)
    case .scoring(let work):
      if let text = piece.text { work.score(text, row: row.row, row.distribution) }
    }
  }
}

import Inference
import Sampling
import Tokens

/// One step: a batch through the model, and a token for each sequence that reached its end.
extension EngineLoop {
  /// The share of a sequence in a step.
  struct Share {
    var sequence: Running
    var count: Int
  }

  /// Runs one step.
  ///
  /// - Returns: false when no sequence could advance, so that the thread may sleep.
  func step() -> Bool {
    while true {
      let shares = plan()
      if shares.isEmpty { return false }
      evictFor(shares)
      do throws(InferenceError) {
        let pieces = try pieces(of: shares)
        let rows = try model.forward(pieces.map(\.slot)) { score($0, in: pieces[$0.slot]) }
        count(pieces)
        for (piece, row) in zip(pieces, rows) where !piece.sequence.stream.hasEnded { advance(piece, row) }
        return true
      } catch {
        if !recover(from: error, shares) { return true }
      }
    }
  }

  /// Each generating sequence takes one position; the rest of the step is divided among prompts and texts to score.
  func plan() -> [Share] {
    let ready = active.filter { $0.stream.demand == .ready }
    var shares = ready.filter(\.isDecoding).map { Share(sequence: $0, count: 1) }
    let prompts = ready.filter { !$0.isDecoding }
    let budget = shares.isEmpty ? options.promptTokensPerStep : options.promptTokensBesideDecoding
    let counts = prefillShares(prompts.map(\.remaining), budget: budget)
    for (sequence, count) in zip(prompts, counts) where count > 0 {
      shares.append(Share(sequence: sequence, count: count))
    }
    return shares
  }

  /// Evicts kept prefixes until the batch's positions fit.
  private func evictFor(_ shares: [Share]) {
    let needed = shares.reduce(0) { $0 + $1.count }
    while needed > model.cacheCapacity - model.cacheUsed, prefixes.evictOldest() {}
  }

  private func count(_ pieces: [Piece]) {
    status.steps += 1
    for piece in pieces where piece.slot.tokens.count > 1 || piece.sequence.isFresh {
      status.prefilledTokens += piece.slot.tokens.count
    }
  }

  /// Makes room after a full cache, or ends the streams of a batch that failed.
  ///
  /// - Returns: whether to plan the step again.
  private func recover(from error: InferenceError, _ shares: [Share]) -> Bool {
    guard error.isCacheFull else {
      for share in shares { fail(share.sequence, .model(error)) }
      return false
    }
    if prefixes.evictOldest() { return true }
    let oldest = shares.min { $0.sequence.number < $1.sequence.number }?.sequence
    if preempt(keeping: oldest) { return true }
    if let oldest { finish(oldest, .cacheFull) }
    return true
  }

  /// Takes in what a piece gave: the next token of an answer, or the end of a text.
  private func advance(_ piece: Piece, _ logits: UnsafeBufferPointer<Float>?) {
    let sequence = piece.sequence
    switch sequence.work {
    case .generation(let work):
      guard sequence.remaining == 0 else { return }
      work.deliverPromptScores()
      // Only a request for no tokens wants no logits.
      guard let logits else { return finish(sequence, .maxTokens) }
      pick(sequence, work, logits)
    case .scoring(let work):
      guard sequence.computed == sequence.tokens.count else { return }
      sequence.markToken()
      if let run = piece.text {
        work.advance(run, by: piece.slot.tokens.count)
      } else if let logits {
        let distribution = LogSoftmax(logits)
        guard distribution.isValid else { return fail(sequence, .badLogits) }
        work.scoreFirsts(distribution)
      }
      if work.isDone { finish(sequence, .scored) }
    }
  }

  /// Picks a token from a row of logits and delivers it; ends the sequence if it is the last one.
  private func pick(_ sequence: Running, _ work: GenerationWork, _ logits: UnsafeBufferPointer<Float>) {
    let row = UnsafeBufferPointer(rebasing: logits.prefix(work.request.vocabularySize ?? logits.count))
    let sampled: SampledToken
    var trace: SamplingTrace?
    do throws(SamplingError) {
      if work.request.traces {
        (sampled, trace) = try work.sampler.sampleTraced(row)
      } else {
        sampled = try work.sampler.sample(row)
      }
    } catch {
      return fail(sequence, .sampling(error))
    }
    sequence.markToken()
    if work.request.stopTokens.contains(sampled.token) {
      work.stopTrace = trace
      return finish(sequence, .stopToken(sampled.token))
    }
    work.sampler.accept(sampled.token)
    sequence.tokens.append(sampled.token)
    let index = work.generated
    work.generated += 1
    status.generatedTokens += 1
    var token = describe(sampled, index, work.request, logits)
    token.trace = trace
    work.stream.push(token)
    if let limit = work.request.maxTokens, work.generated >= limit {
      finish(sequence, .maxTokens)
    } else if sequence.computed >= contextLength {
      finish(sequence, sequence.computed >= model.contextLength ? .contextFull : .cacheFull)
    }
  }

  private func describe(
    _ sampled: SampledToken, _ index: Int, _ request: GenerationRequest, _ logits: UnsafeBufferPointer<Float>
  ) -> EngineToken {
    var token = EngineToken(
      token: sampled.token, index: index, probability: sampled.probability, logprob: nil, top: [], trace: nil)
    if let top = request.topLogprobs {
      let distribution = LogSoftmax(logits)
      token.logprob = distribution[sampled.token]
      token.top = distribution.top(top, vocabularySize: request.vocabularySize)
    }
    return token
  }
}

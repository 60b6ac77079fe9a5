import Inference
import Sampling
import Tokens

/// One step: a batch through the model, and a token for each sequence that reached its end.
extension EngineLoop {
  /// The share of a sequence in a step.
  struct Share {
    var sequence: Running
    var count: Int
    /// Whether the share reaches the end of the sequence, so that a token follows.
    var isLast: Bool { count == sequence.remaining }
  }

  /// Runs one step.
  ///
  /// - Returns: false when no sequence could advance, so that the thread may sleep.
  func step() -> Bool {
    while true {
      let shares = plan()
      if shares.isEmpty { return false }
      evictFor(shares)
      let completes = shares.map(\.isLast)
      do throws(InferenceError) {
        let rows = try forward(shares)
        count(shares)
        for (index, share) in shares.enumerated() where completes[index] {
          advance(share.sequence, rows[index])
        }
        return true
      } catch {
        if !recover(from: error, shares) { return true }
      }
    }
  }

  /// Each generating sequence takes one position; the rest of the step is divided among prompts.
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

  private func forward(_ shares: [Share]) throws(InferenceError) -> [UnsafeBufferPointer<Float>?] {
    var slots: [BatchSlot<Model.Cache>] = []
    slots.reserveCapacity(shares.count)
    for share in shares {
      guard let cache = share.sequence.cache else { preconditionFailure("a share without a place") }
      let tokens = share.sequence.tokens[cache.count..<(cache.count + share.count)]
      let wantsLogits = share.isLast && share.sequence.request.maxTokens != 0
      slots.append(BatchSlot(cache: cache, tokens: tokens, wantsLogits: wantsLogits))
    }
    return try model.forward(slots)
  }

  private func count(_ shares: [Share]) {
    status.steps += 1
    for share in shares where share.count > 1 || share.sequence.generated == 0 {
      status.prefilledTokens += share.count
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

  /// Picks a token from a row of logits and delivers it; ends the sequence if it is the last one.
  private func advance(_ sequence: Running, _ logits: UnsafeBufferPointer<Float>?) {
    guard let logits else {
      // Only a request for no tokens wants no logits.
      return finish(sequence, .maxTokens)
    }
    let row = UnsafeBufferPointer(rebasing: logits.prefix(sequence.request.vocabularySize ?? logits.count))
    let sampled: SampledToken
    var trace: SamplingTrace?
    do throws(SamplingError) {
      if sequence.request.traces {
        (sampled, trace) = try sequence.sampler.sampleTraced(row)
      } else {
        sampled = try sequence.sampler.sample(row)
      }
    } catch {
      return fail(sequence, .sampling(error))
    }
    sequence.markToken()
    if sequence.request.stopTokens.contains(sampled.token) {
      sequence.stopTrace = trace
      return finish(sequence, .stopToken(sampled.token))
    }
    sequence.sampler.accept(sampled.token)
    sequence.tokens.append(sampled.token)
    let index = sequence.generated
    sequence.generated += 1
    status.generatedTokens += 1
    var token = describe(sampled, index, sequence.request.topLogprobs, row)
    token.trace = trace
    sequence.stream.push(token)
    if let limit = sequence.request.maxTokens, sequence.generated >= limit {
      finish(sequence, .maxTokens)
    } else if sequence.computed >= contextLength {
      finish(sequence, sequence.computed >= model.contextLength ? .contextFull : .cacheFull)
    }
  }

  private func describe(
    _ sampled: SampledToken, _ index: Int, _ topLogprobs: Int?, _ row: UnsafeBufferPointer<Float>
  ) -> EngineToken {
    var token = EngineToken(
      token: sampled.token, index: index, probability: sampled.probability, logprob: nil, top: [], trace: nil)
    if let topLogprobs {
      let logprobs = LogProbabilities(row)
      token.logprob = logprobs[sampled.token]
      token.top = logprobs.top(topLogprobs)
    }
    return token
  }
}

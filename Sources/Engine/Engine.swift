import Concurrency
public import Inference
import Sampling
import Synchronization
import Tokens

/// Runs many sequences on one model: decides who runs when, in one batch per step, on a thread of its own.
///
/// Running streams go first and get one token per step; prompts fill the rest of the step in parts. Prefixes
/// that another sequence has computed are shared. The tokens of a request depend only on the request and the
/// model, not on what else runs. The engine knows tokens, not text.
public final class Engine<Model: CausalModel>: Sendable {
  /// How the model is shared.
  public let options: EngineOptions
  /// Positions that a sequence may have: the model's context, or all of the cache where that is smaller.
  public let contextLength: Int
  /// Tokens of the model's vocabulary.
  public let vocabularySize: Int

  private let inbox = Inbox()
  /// nil once the thread was joined.
  private let thread: Mutex<OwnThread?>

  /// Starts the thread, which sleeps until a request arrives.
  ///
  /// Only that thread uses the model.
  ///
  /// - Throws: `outOfRange` for an option; `thread` when the system refuses one.
  public init(model: Model, options: EngineOptions = EngineOptions()) throws(EngineError) {
    try options.check()
    self.options = options
    contextLength = min(model.contextLength, model.cacheCapacity)
    vocabularySize = model.vocabularySize
    let inbox = inbox
    let started: OwnThread
    do throws(ThreadError) {
      started = try OwnThread {
        // The loop and its caches are released before `shutdown` returns.
        EngineLoop(model: model, inbox: inbox, options: options).run()
        inbox.ended.raise()
      }
    } catch {
      throw .thread(error)
    }
    thread = Mutex(started)
  }

  deinit {
    inbox.stop()
    thread.withLock { $0?.detach() }
  }

  /// Accepts a request and returns the stream of its tokens.
  ///
  /// - Throws: What is wrong with the request; `queueFull` when too many run and wait; `shutDown`.
  public func submit(_ request: GenerationRequest) throws(EngineError) -> TokenStream {
    try check(request)
    var request = request
    for token in request.prompt { request.sampler.accept(token) }
    let stream = StreamState<EngineToken>(capacity: options.bufferedTokens, doorbell: inbox.doorbell)
    try inbox.submit(.generation(request, stream), limit: options.maxSequences + options.maxWaiting)
    return TokenStream(stream)
  }

  /// Accepts texts to score and returns the stream of their scores.
  ///
  /// However many texts there are, the request takes one place and the share of one prompt.
  ///
  /// - Throws: What is wrong with the request; `queueFull` when too many run and wait; `shutDown`.
  public func score(_ request: ScoringRequest) throws(EngineError) -> ScoreStream {
    try check(request)
    let stream = StreamState<TextScore>(capacity: options.bufferedTokens, doorbell: inbox.doorbell)
    try inbox.submit(.scoring(request, stream), limit: options.maxSequences + options.maxWaiting)
    return ScoreStream(stream)
  }

  /// What the engine does now, as of its last step.
  public var status: EngineStatus { inbox.content.withLock { $0.status } }

  /// False when the step under way has taken longer than any does: the thread is stuck.
  ///
  /// A step is bounded, however long the prompts are, so that it tells a large model from a stuck one.
  public var isAdvancing: Bool { isAdvancing(within: Limits.step) }

  func isAdvancing(within limit: Duration) -> Bool {
    inbox.content.withLock { $0.stepBegan }.map { ContinuousClock.now - $0 < limit } ?? true
  }

  /// Ends every stream with `EngineError.shutDown` after the step under way, and the thread.
  public func shutdown() async {
    inbox.stop()
    await inbox.ended.waitToEnd()
    let ended = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    ended?.join()
  }

  /// Returns when the thread has seen everything that happened before the call: for tests.
  func settled() async { await inbox.settled() }
}

// What is wrong with a request.
extension Engine {
  private func check(_ request: GenerationRequest) throws(EngineError) {
    if request.prompt.isEmpty { throw .emptyPrompt }
    guard request.prompt.count <= contextLength else {
      throw .promptTooLong(tokens: request.prompt.count, limit: contextLength)
    }
    try check(request.prompt)
    try check("top_logprobs", request.topLogprobs, Limits.topLogprobs)
    try check("prompt_logprobs", request.promptLogprobs, Limits.topLogprobs)
    try check("max_tokens", request.maxTokens, 0...Int.max)
  }

  private func check(_ request: ScoringRequest) throws(EngineError) {
    try check("texts", request.texts.count, 1...Int.max)
    try check("top_logprobs", request.topLogprobs, Limits.topLogprobs)
    try check(request.context)
    for (index, text) in request.texts.enumerated() {
      let first = request.context.isEmpty ? 1 : 0
      guard text.firstScored >= first, text.firstScored < text.tokens.count else {
        throw .nothingToScore(text: index)
      }
      guard request.context.count + text.rows <= contextLength else {
        throw .textTooLong(
          text: index, tokens: request.context.count + text.tokens.count, limit: contextLength + 1)
      }
      try check(text.tokens)
    }
  }

  private func check(_ tokens: some Collection<TokenID>) throws(EngineError) {
    for (index, token) in tokens.enumerated() where !(0..<vocabularySize).contains(token.index) {
      throw .tokenOutOfRange(index: index, token: token.index, vocabularySize: vocabularySize)
    }
  }

  private func check(_ field: String, _ value: Int?, _ range: ClosedRange<Int>) throws(EngineError) {
    guard let value, !range.contains(value) else { return }
    throw .outOfRange(field: field, value: value, expected: range)
  }
}

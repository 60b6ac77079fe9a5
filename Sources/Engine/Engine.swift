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
    let stream = StreamState(capacity: options.bufferedTokens, doorbell: inbox.doorbell)
    try inbox.submit(request, stream: stream, limit: options.maxSequences + options.maxWaiting)
    return TokenStream(stream)
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

  private func check(_ request: GenerationRequest) throws(EngineError) {
    if request.prompt.isEmpty { throw .emptyPrompt }
    guard request.prompt.count <= contextLength else {
      throw .promptTooLong(tokens: request.prompt.count, limit: contextLength)
    }
    for (index, token) in request.prompt.enumerated() where token.index < 0 || token.index >= vocabularySize {
      throw .tokenOutOfRange(index: index, token: token.index, vocabularySize: vocabularySize)
    }
    if let count = request.topLogprobs, !Limits.topLogprobs.contains(count) {
      throw .outOfRange(field: "top_logprobs", value: count, expected: Limits.topLogprobs)
    }
    if let count = request.maxTokens, count < 0 {
      throw .outOfRange(field: "max_tokens", value: count, expected: 0...Int.max)
    }
  }
}

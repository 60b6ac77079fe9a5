import Concurrency
import Inference
import Sampling
import Synchronization
import Tokens

/// The engine's thread: which sequences have a place, and what they do in the next step.
///
/// A sequence waits for a place, runs, is parked if its reader falls far behind while others want its place, and ends. Only this thread touches anything here, including the caches.
final class EngineLoop<Model: CausalModel> {
  typealias Running = RunningSequence<Model.Cache>

  let model: Model
  let inbox: Inbox
  let options: EngineOptions
  let contextLength: Int
  /// Sequences with a place, in order of arrival.
  var active: [Running] = []
  /// Sequences without a place, in order of arrival.
  var waiting: [Running] = []
  /// Sequences that gave up their place; they wait again when their readers have caught up.
  var parked: [Running] = []
  var prefixes: PrefixCache<Model.Cache>
  var status = EngineStatus()
  private var ended = 0

  init(model: Model, inbox: Inbox, options: EngineOptions) {
    self.model = model
    self.inbox = inbox
    self.options = options
    contextLength = min(model.contextLength, model.cacheCapacity)
    prefixes = PrefixCache(limit: options.keptPrefixes)
  }

  /// Runs until it is asked to stop; then ends every stream.
  func run() {
    while true {
      let barriers = receive()
      guard let barriers else { break }
      reap()
      unpark()
      admit()
      publish()
      for barrier in barriers { barrier.resume() }
      inbox.content.withLock { $0.stepBegan = .now }
      let advanced = step()
      inbox.content.withLock { $0.stepBegan = nil }
      if !advanced { inbox.doorbell.wait() }
    }
    close()
  }

  /// Takes what callers submitted; nil when the thread must end.
  private func receive() -> [CheckedContinuation<Void, Never>]? {
    let taken = inbox.content.withLock { content -> ([Submission], [CheckedContinuation<Void, Never>])? in
      if content.isStopping { return nil }
      defer {
        content.submissions.removeAll(keepingCapacity: true)
        content.barriers.removeAll()
      }
      return (content.submissions, content.barriers)
    }
    guard let (submissions, barriers) = taken else { return nil }
    for submission in submissions { waiting.append(Running(submission)) }
    return barriers
  }

  /// Ends the sequences whose readers stopped or left.
  private func reap() {
    for sequence in active where sequence.stream.demand.isOver { finish(sequence, .stopped) }
    // A reader may leave between two looks, so each sequence is asked once.
    let drop = { (sequence: Running) -> Bool in
      guard sequence.stream.demand.isOver else { return false }
      sequence.stream.end(.success(sequence.finish(.stopped)))
      self.ended += 1
      return true
    }
    waiting.removeAll(where: drop)
    parked.removeAll(where: drop)
  }

  /// Ends a running sequence and keeps its cache for others.
  func finish(_ sequence: Running, _ reason: EngineFinish.Reason) {
    keep(sequence)
    remove(sequence)
    sequence.stream.end(.success(sequence.finish(reason)))
    ended += 1
  }

  /// Ends a running sequence whose step failed; its cache is not trusted any more.
  func fail(_ sequence: Running, _ error: EngineError) {
    remove(sequence)
    sequence.stream.end(.failure(error))
    ended += 1
  }

  /// Offers the computed positions of a sequence to later prompts.
  func keep(_ sequence: Running) {
    guard sequence.cacheable, let cache = sequence.cache else { return }
    prefixes.insert(Array(sequence.tokens.prefix(cache.count)), cache)
  }

  func remove(_ sequence: Running) {
    active.removeAll { $0 === sequence }
    sequence.dropCaches()
  }

  private func publish() {
    status.active = active.count
    status.waiting = waiting.count
    status.paused = parked.count + active.count { $0.stream.demand == .full }
    status.keptPrefixes = prefixes.entries.count
    status.cacheUsed = model.cacheUsed
    status.cacheCapacity = model.cacheCapacity
    inbox.content.withLock { content in
      content.status = status
      content.outstanding -= ended
    }
    ended = 0
  }

  private func close() {
    let left = inbox.content.withLock { content -> [Submission] in
      defer { content.submissions.removeAll() }
      return content.submissions
    }
    for sequence in active + waiting + parked { sequence.stream.end(.failure(.shutDown)) }
    for submission in left { submission.job.stream.end(.failure(.shutDown)) }
    active.removeAll()
    waiting.removeAll()
    parked.removeAll()
    prefixes = PrefixCache(limit: 0)
    ended = 0
    publish()
    let barriers = inbox.content.withLock { content in
      defer { content.barriers.removeAll() }
      content.outstanding = 0
      return content.barriers
    }
    for barrier in barriers { barrier.resume() }
  }
}

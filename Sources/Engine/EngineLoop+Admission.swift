import Inference
import Tokens

/// Decides who gets a place and who gives one up.
extension EngineLoop {
  /// Gives places to waiting sequences, in order of arrival.
  func admit() {
    while let next = waiting.first {
      if active.count >= options.maxSequences {
        guard parkOne() else { return }
        continue
      }
      let shared = sharedBeginning(of: next)
      guard makeRoom(for: next, sharing: shared) else { return }
      waiting.removeFirst()
      place(next, sharing: shared)
    }
  }

  /// Moves parked sequences whose readers have caught up back to the waiting line.
  func unpark() {
    parked.removeAll { sequence in
      guard sequence.stream.isEmpty else { return false }
      wait(sequence)
      return true
    }
  }

  /// Takes the place away from the youngest sequence other than `kept`, preferring a paused one.
  ///
  /// - Returns: false when there is no other sequence.
  func preempt(keeping kept: Running?) -> Bool {
    let others = active.filter { $0 !== kept }
    guard let victim = others.last(where: { $0.stream.demand == .full }) ?? others.last else { return false }
    // Its pages are needed, so none of them is kept.
    remove(victim)
    status.preemptions += 1
    if victim.stream.demand == .full { parked.append(victim) } else { wait(victim) }
    return true
  }

  /// Takes the place away from a paused sequence, keeping what it computed until the pages are needed.
  private func parkOne() -> Bool {
    guard let victim = active.last(where: { $0.stream.demand == .full }) else { return false }
    keep(victim)
    remove(victim)
    status.preemptions += 1
    parked.append(victim)
    return true
  }

  private func wait(_ sequence: Running) {
    let place = waiting.firstIndex { $0.number > sequence.number } ?? waiting.endIndex
    waiting.insert(sequence, at: place)
  }

  /// A cache that shares a prefix with the sequence.
  struct Shared {
    var cache: Model.Cache
    var length: Int
  }

  /// The longest computed prefix that the sequence shares with a kept or a running one.
  ///
  /// What remains to compute gives the logits that are wanted.
  private func sharedBeginning(of sequence: Running) -> Shared? {
    guard sequence.cacheable else { return nil }
    let wanted = sequence.tokens.prefix(sequence.sharable)
    var best: Shared?
    if let match = prefixes.longestMatch(wanted) {
      best = Shared(cache: prefixes.entries[match.index].cache, length: match.length)
      if match.length >= Limits.sharedPrefix { prefixes.touch(match.index) }
    }
    for other in active where other.cacheable {
      guard let cache = other.cache, cache.count > best?.length ?? 0 else { continue }
      let length = commonPrefix(other.tokens[..<cache.count], wanted)
      if length > best?.length ?? 0 { best = Shared(cache: cache, length: length) }
    }
    guard let best, best.length >= Limits.sharedPrefix else { return nil }
    return best
  }

  /// Whether the pages suffice for the running sequences and one more, after evicting kept prefixes.
  private func makeRoom(for sequence: Running, sharing shared: Shared?) -> Bool {
    let own = sequence.reserved(contextLength: contextLength) - (shared?.length ?? 0)
    while true {
      let needed = active.reduce(own) { $0 + $1.reserved(contextLength: contextLength) }
      if needed <= model.cacheCapacity - model.cacheUsed { return true }
      // Running sequences hold at least what they computed: evicting is useless if the rest does not suffice.
      let held = active.reduce(0) { $0 + $1.computed - $1.sharedPositions }
      if active.isEmpty || needed <= model.cacheCapacity - held, prefixes.evictOldest() { continue }
      if parkOne() { continue }
      // Alone, a sequence gets all there is; it ends with a reason if that is not enough.
      return active.isEmpty
    }
  }

  private func place(_ sequence: Running, sharing shared: Shared?) {
    sequence.markPlaced()
    sequence.cache = shared.flatMap(fork) ?? model.makeCache()
    sequence.sharedPositions = sequence.computed
    if sequence.isFresh { sequence.cachedPromptTokens = sequence.computed }
    status.cachedTokens += sequence.computed
    let place = active.firstIndex { $0.number > sequence.number } ?? active.endIndex
    active.insert(sequence, at: place)
  }

  /// A fork may need one page for a copy; without one, the beginning is computed again.
  private func fork(_ shared: Shared) -> Model.Cache? {
    while true {
      do throws(InferenceError) {
        return try shared.cache.fork(count: shared.length)
      } catch {
        guard error.isCacheFull, prefixes.evictOldest() else { return nil }
      }
    }
  }
}

extension InferenceError {
  /// Whether pages would help.
  var isCacheFull: Bool {
    if case .cacheFull = self { true } else { false }
  }
}

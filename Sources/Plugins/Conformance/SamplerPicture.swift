/// What a step of a sampler left, for comparison.
struct SamplerPicture: Equatable {
  let ids: [Int32]
  let logits: [UInt32]
  let selected: Int64

  /// Runs a step on guarded memory and looks at every candidate that is left.
  init(_ instance: SamplerInstance, _ set: CandidateSet) throws(PluginFault) {
    guard let area = GuardedCandidates.take(count: set.ids.count) else {
      throw .impossibleOutput("could not be tried: no memory")
    }
    defer { GuardedCandidates.give(area) }
    area.fill(set.ids, set.logits)
    let outcome = try instance.apply(
      area.ids, area.logits, count: set.ids.count, isSorted: set.isSorted, isIntact: { area.isIntact })
    ids = Array(UnsafeBufferPointer(start: area.ids, count: outcome.kept))
    let bits = UnsafeRawPointer(area.logits).assumingMemoryBound(to: UInt32.self)
    logits = Array(UnsafeBufferPointer(start: bits, count: outcome.kept))
    selected = outcome.selected
    var given = [Bool](repeating: false, count: CandidateSet.vocabularySize)
    for id in set.ids { given[Int(id)] = true }
    for id in ids {
      guard given[Int(id)] else {
        throw .impossibleOutput("returned token \(id), which it was not given or twice")
      }
      given[Int(id)] = false
    }
  }

  /// The token that would be picked: the selected one, else the one with the highest logit, the first of equals.
  var pick: Int32 {
    if selected >= 0, selected < ids.count { return ids[Int(selected)] }
    var best = 0
    for index in ids.indices {
      let (new, old) = (Float(bitPattern: logits[index]), Float(bitPattern: logits[best]))
      if new > old || (new == old && ids[index] < ids[best]) { best = index }
    }
    return ids[best]
  }

  /// How this differs from what it should equal, in words; nil when it does not.
  func difference(from other: SamplerPicture, _ own: String, _ others: String) -> String? {
    if self == other { return nil }
    if pick != other.pick { return "\(own) picked token \(pick) where \(others) picked \(other.pick)" }
    if ids.count != other.ids.count {
      return "\(own) left \(ids.count) candidates where \(others) left \(other.ids.count)"
    }
    let table = Dictionary(zip(other.ids, other.logits)) { first, _ in first }
    for (id, logit) in zip(ids, logits) {
      guard let expected = table[id] else { return "\(own) left token \(id) where \(others) did not" }
      if expected != logit {
        let (found, wanted) = (Float(bitPattern: logit), Float(bitPattern: expected))
        return "\(own) gave token \(id) the logit \(found) where \(others) gave \(wanted)"
      }
    }
    return "\(own) left another order than \(others)"
  }
}

/// The result of a step of a sampler, for comparison.
struct SamplerPicture: Equatable {
  /// The candidates that are left, in their order.
  let ids: [Int32]
  /// The bits of their logits.
  let logits: [UInt32]
  /// The index of the pick; -1 for none.
  let selected: Int64

  /// Runs a step on guarded memory and checks every candidate that is left.
  init(_ instance: SamplerInstance, _ set: CandidateSet) throws(PluginFault) {
    guard let area = GuardedCandidates.take(count: set.ids.count) else {
      throw .impossibleOutput("could not be tried: there is not enough memory")
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
        throw .impossibleOutput("returned token \(id), which was not a candidate or is a duplicate")
      }
      given[Int(id)] = false
    }
  }

  /// The selected token; if there is none, the one with the highest logit (the lowest id among equals).
  var pick: Int32 {
    if selected >= 0, selected < ids.count { return ids[Int(selected)] }
    var best = 0
    for index in ids.indices {
      let (new, old) = (Float(bitPattern: logits[index]), Float(bitPattern: logits[best]))
      if new > old || (new == old && ids[index] < ids[best]) { best = index }
    }
    return ids[best]
  }

  /// How this differs from the result that it should equal, in words; nil if it does not.
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

public import Sampling
public import Tokens

/// A sampler of a plugin as a stage of a chain, a value like every other stage.
public struct PluginSamplerStage: SamplerStage {
  private let sampler: PluginSampler
  private var instance: SamplerInstance
  /// A fault in a call that cannot throw; the next step throws it.
  private var pending: PluginFault?
  private var calls: UInt64 = 0

  init(sampler: PluginSampler, instance: SamplerInstance) {
    self.sampler = sampler
    self.instance = instance
  }

  /// The registered name.
  public var name: String { sampler.descriptor.name }

  /// Lends the candidates to the plugin and checks what it leaves.
  ///
  /// - Throws: `stageFailed` with the fault; the candidates are unusable then.
  public mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    if let pending { throw sampler.failure(pending) }
    do throws(PluginFault) { try makeUnique() } catch { throw sampler.failure(error) }
    calls &+= 1
    let isGuarded = calls <= Limits.guardedCalls || calls % Limits.guardedInterval == 0
    let isSorted = candidates.isSorted
    var selected = -1
    let (sampler, instance) = (sampler, instance)
    let findings = try candidates.withUnsafeArrays { (ids, logits) throws(SamplingError) in
      do throws(PluginFault) {
        let outcome = try Self.step(instance, ids, logits, isSorted: isSorted, isGuarded: isGuarded)
        selected = Int(outcome.selected)
        return outcome.kept
      } catch {
        throw sampler.failure(error)
      }
    }
    do throws(PluginFault) { try instance.check(findings) } catch { throw sampler.failure(error) }
    if sampler.descriptor.selectsToken { candidates.select(selected) }
  }

  private static func step(
    _ instance: SamplerInstance, _ ids: UnsafeMutableBufferPointer<Int32>,
    _ logits: UnsafeMutableBufferPointer<Float>, isSorted: Bool, isGuarded: Bool
  ) throws(PluginFault) -> SamplerInstance.Outcome {
    if isGuarded, let area = GuardedCandidates.take(count: ids.count) {
      defer { GuardedCandidates.give(area) }
      area.fill(ids, logits)
      let outcome = try instance.apply(
        area.ids, area.logits, count: ids.count, isSorted: isSorted, isIntact: { area.isIntact })
      area.copy(outcome.kept, to: ids, logits)
      return outcome
    }
    guard let firstID = ids.baseAddress, let firstLogit = logits.baseAddress else {
      throw .candidateCount(left: 0, given: 0)
    }
    // The code that lent the arrays checks every candidate itself.
    return try instance.apply(firstID, firstLogit, count: ids.count, isSorted: isSorted, looks: false)
  }

  /// Tells the plugin of a token of the sequence, if it declares WB_HISTORY.
  public mutating func accept(_ token: TokenID) {
    guard sampler.wantsHistory, pending == nil else { return }
    do throws(PluginFault) {
      try makeUnique()
      try instance.accept(token.rawValue)
    } catch {
      pending = error
    }
  }

  /// Resets the instance; a fault that has not been thrown yet stays.
  public mutating func reset() {
    guard sampler.isStateful, pending == nil else { return }
    do throws(PluginFault) {
      try makeUnique()
      instance.reset()
    } catch {
      pending = error
    }
  }

  /// Clones the instance if another stage shares it.
  private mutating func makeUnique() throws(PluginFault) {
    guard !isKnownUniquelyReferenced(&instance) else { return }
    instance = try instance.cloned()
  }
}

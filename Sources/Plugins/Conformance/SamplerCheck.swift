import CWorkbenchPlugin
import Sampling

/// The checks of a sampler.
struct SamplerCheck {
  /// A choice of values for the parameters.
  private struct Variant {
    let description: String
    let values: [wb_value]
  }

  private let sampler: PluginSampler

  init(_ sampler: PluginSampler) {
    self.sampler = sampler
  }

  /// The checks that apply to its flags, in order.
  var steps: [Conformance.Step] {
    typealias Step = Conformance.Step
    var steps = [
      Step(.creation) { () throws(ConformanceFailure) in try creation() },
      Step(.candidates) { () throws(ConformanceFailure) in try candidates() },
      Step(.seed) { () throws(ConformanceFailure) in try seed() },
    ]
    if sampler.isStateful {
      steps.append(Step(.clone) { () throws(ConformanceFailure) in try clone() })
      steps.append(Step(.reset) { () throws(ConformanceFailure) in try reset() })
    } else {
      steps.append(Step(.statelessness) { () throws(ConformanceFailure) in try statelessness() })
    }
    if sampler.keepsBest { steps.append(Step(.best) { () throws(ConformanceFailure) in try best() }) }
    steps.append(Step(.cost) { () throws(ConformanceFailure) in try cost() })
    return steps
  }

  // MARK: Creating and stepping

  /// The defaults; then each parameter at either end of its range, with the others at their defaults.
  private var variants: [Variant] {
    let parameters = sampler.table.parameters
    let defaults = parameters.map(\.fallback)
    var variants = [Variant(description: "defaults", values: defaults)]
    for (index, parameter) in parameters.enumerated() {
      guard let known = parameter.descriptor else { continue }
      var ends: [(String, wb_value)] = []
      switch known.kind {
      case .number(let range):
        ends = [range.lowerBound, range.upperBound].map { ("\($0)", wb_value(f64: $0)) }
      case .integer(let range):
        ends = [range.lowerBound, range.upperBound].map { ("\($0)", wb_value(i64: Int64($0))) }
      case .biases, .sequences: break
      }
      for (text, value) in ends {
        var values = defaults
        values[index] = value
        variants.append(Variant(description: "\(known.name) = \(text)", values: values))
      }
    }
    return variants
  }

  private func make(_ variant: Variant? = nil, seed: UInt64 = 42) throws(ConformanceFailure)
    -> SamplerInstance
  {
    let values = variant?.values ?? sampler.table.parameters.map(\.fallback)
    return try ConformanceFailure.wrapping("create, \(variant?.description ?? "defaults")") {
      () throws(PluginFault) in
      try SamplerInstance(sampler, values: values, vocabularySize: CandidateSet.vocabularySize, seed: seed)
    }
  }

  private func look(
    _ instance: SamplerInstance, _ set: CandidateSet, _ circumstances: String = "defaults"
  ) throws(ConformanceFailure) -> SamplerPicture {
    try ConformanceFailure.wrapping("on \(set.name), \(circumstances)") { () throws(PluginFault) in
      try SamplerPicture(instance, set)
    }
  }

  /// Runs step `step` of a sequence and accepts `token`, or else the pick.
  @discardableResult
  private func advance(
    _ instance: SamplerInstance, _ step: Int, accepting token: Int32? = nil
  ) throws(ConformanceFailure) -> SamplerPicture {
    let picture = try look(instance, .step(step))
    try ConformanceFailure.wrapping("accept") { () throws(PluginFault) in
      if sampler.wantsHistory { try instance.accept(token ?? picture.pick) }
    }
    return picture
  }

  // MARK: Properties

  private func creation() throws(ConformanceFailure) -> UInt64? {
    for variant in variants { _ = try make(variant) }
    return nil
  }

  private func candidates() throws(ConformanceFailure) -> UInt64? {
    for variant in variants {
      let instance = try make(variant)
      for set in CandidateSet.all {
        let picture = try look(instance, set, variant.description)
        try ConformanceFailure.wrapping("accept") { () throws(PluginFault) in
          if sampler.wantsHistory { try instance.accept(picture.pick) }
        }
      }
    }
    return nil
  }

  private static let steps = 5

  private func seed() throws(ConformanceFailure) -> UInt64? {
    for seed: UInt64 in [0, 42, .max] {
      let (first, second) = (try make(seed: seed), try make(seed: seed))
      for step in 0..<2 * Self.steps {
        let expected = try advance(first, step)
        let found = try advance(second, step)
        if let difference = found.difference(from: expected, "a second instance", "the first") {
          throw ConformanceFailure("with the same seed, \(seed), \(difference) at step \(step)")
        }
      }
    }
    return nil
  }

  /// The original takes other steps before the clone does, so that shared state shows.
  private func clone() throws(ConformanceFailure) -> UInt64? {
    let (original, twin) = (try make(), try make())
    for step in 0..<Self.steps {
      try advance(original, step)
      try advance(twin, step)
    }
    let clone = try ConformanceFailure.wrapping("clone") { () throws(PluginFault) in try original.cloned() }
    for step in 0..<Self.steps { try advance(original, 100 + step, accepting: Int32(step)) }
    for step in Self.steps..<2 * Self.steps {
      let expected = try advance(twin, step)
      let found = try advance(clone, step, accepting: expected.pick)
      if let difference = found.difference(from: expected, "the clone", "the original") {
        throw ConformanceFailure("\(difference) after the same \(step) tokens")
      }
    }
    return nil
  }

  private func reset() throws(ConformanceFailure) -> UInt64? {
    let (used, fresh) = (try make(), try make())
    for step in 0..<Self.steps { try advance(used, 200 + step) }
    used.reset()
    for step in 0..<Self.steps {
      let expected = try advance(fresh, step)
      let found = try advance(used, step, accepting: expected.pick)
      if let difference = found.difference(from: expected, "the reset instance", "a new one") {
        throw ConformanceFailure("keeps state after reset: \(difference) at step \(step)")
      }
    }
    return nil
  }

  private func statelessness() throws(ConformanceFailure) -> UInt64? {
    let instance = try make()
    for step in 0..<Self.steps {
      let expected = try look(instance, .step(step))
      for other in 0..<Self.steps { _ = try look(instance, .step(300 + other)) }
      let found = try look(instance, .step(step))
      if let difference = found.difference(from: expected, "a later step", "an earlier one") {
        throw ConformanceFailure(
          "has state without declaring WB_STATEFUL: on the same candidates \(difference)")
      }
    }
    return nil
  }

  private func best() throws(ConformanceFailure) -> UInt64? {
    let instance = try make()
    for step in 0..<Self.steps {
      let set = CandidateSet.step(step)
      let expected = zip(set.ids, set.logits).max { $0.1 < $1.1 }?.0 ?? 0
      let picture = try advance(instance, step)
      guard picture.pick == expected else {
        throw ConformanceFailure("declares WB_KEEPS_BEST, but token \(picture.pick) overtook \(expected)")
      }
    }
    return nil
  }

  private func cost() throws(ConformanceFailure) -> UInt64? {
    let instance = try make()
    guard let set = CandidateSet.all.last else { return nil }
    for step in 0..<Self.steps { try advance(instance, step) }
    let median = try Conformance.median(of: 7, sampler.health) { () throws(ConformanceFailure) in
      _ = try look(instance, set)
    }
    guard median <= Limits.conformanceStepNanoseconds else {
      throw ConformanceFailure(
        "takes \(milliseconds(median)) ms per step over \(set.ids.count) candidates; "
          + "the limit is \(milliseconds(Limits.conformanceStepNanoseconds)) ms")
    }
    return median
  }
}

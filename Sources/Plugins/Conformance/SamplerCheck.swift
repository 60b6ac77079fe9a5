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
      Step(.seed) { () throws(ConformanceFailure) in try forEachVariant(seed) },
    ]
    if sampler.wantsHistory {
      steps.append(Step(.history) { () throws(ConformanceFailure) in try forEachVariant(history) })
    }
    if sampler.isStateful {
      steps.append(Step(.clone) { () throws(ConformanceFailure) in try forEachVariant(clone) })
      steps.append(Step(.reset) { () throws(ConformanceFailure) in try forEachVariant(reset) })
    } else {
      steps.append(
        Step(.statelessness) { () throws(ConformanceFailure) in try forEachVariant(statelessness) })
    }
    if sampler.keepsBest {
      steps.append(Step(.best) { () throws(ConformanceFailure) in try forEachVariant(best) })
    }
    steps.append(Step(.destruction) { () throws(ConformanceFailure) in try destruction() })
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

  /// Checks a property with each choice of parameters: a value that is lost shows only where it matters.
  private func forEachVariant(
    _ check: (Variant) throws(ConformanceFailure) -> Void
  ) throws(ConformanceFailure) -> UInt64? {
    for variant in variants {
      do throws(ConformanceFailure) {
        try check(variant)
      } catch {
        let isUsual = variant.description == variants.first?.description
        throw isUsual ? error : ConformanceFailure("\(error.sentence), with \(variant.description)")
      }
    }
    return nil
  }

  private func make(_ variant: Variant, seed: UInt64 = 42) throws(ConformanceFailure) -> SamplerInstance {
    try ConformanceFailure.wrapping("create, \(variant.description)") { () throws(PluginFault) in
      try SamplerInstance(
        sampler, values: variant.values, vocabularySize: CandidateSet.vocabularySize, seed: seed)
    }
  }

  private func cloned(_ instance: SamplerInstance) throws(ConformanceFailure) -> SamplerInstance {
    try ConformanceFailure.wrapping("clone") { () throws(PluginFault) in try instance.cloned() }
  }

  private func look(
    _ instance: SamplerInstance, _ set: CandidateSet, _ circumstances: String = "defaults"
  ) throws(ConformanceFailure) -> SamplerPicture {
    try ConformanceFailure.wrapping("on \(set.name), \(circumstances)") { () throws(PluginFault) in
      try SamplerPicture(instance, set)
    }
  }

  private func accept(_ instance: SamplerInstance, _ token: Int32) throws(ConformanceFailure) {
    guard sampler.wantsHistory else { return }
    try ConformanceFailure.wrapping("accept") { () throws(PluginFault) in try instance.accept(token) }
  }

  /// Runs step `step` of a sequence and accepts `token`, or else the pick.
  @discardableResult
  private func advance(
    _ instance: SamplerInstance, _ step: Int, accepting token: Int32? = nil
  ) throws(ConformanceFailure) -> SamplerPicture {
    let picture = try look(instance, .step(step))
    try accept(instance, token ?? picture.pick)
    return picture
  }

  /// A new instance after `tokens` tokens: the first few picked in steps, the others accepted as of a prompt.
  private func made(_ variant: Variant, after tokens: Int) throws(ConformanceFailure) -> SamplerInstance {
    let instance = try make(variant)
    for step in 0..<min(tokens, Self.steps) { try advance(instance, step) }
    for index in min(tokens, Self.steps)..<tokens { try accept(instance, Self.token(index)) }
    return instance
  }

  /// Token `index` of a prompt, with repetitions of every length.
  private static func token(_ index: Int) -> Int32 {
    CandidateSet.stepTokens[index * index / 3 % 7]
  }

  /// Lets both take the same steps from `start` on; the second shows what the first should do.
  private func compare(
    _ instance: SamplerInstance, _ own: String, _ model: SamplerInstance, _ others: String, after start: Int
  ) throws(ConformanceFailure) {
    for step in start..<start + Self.steps {
      let expected = try advance(model, step)
      let found = try advance(instance, step, accepting: expected.pick)
      if let difference = found.difference(from: expected, own, others) {
        throw ConformanceFailure("\(difference) after the same \(step) tokens")
      }
    }
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
        try accept(instance, picture.pick)
      }
    }
    return nil
  }

  private static let steps = 5
  /// Tokens before a clone or a reset: none, a few that were picked, and those of a prompt.
  private static let histories = [0, 5, 40]

  private func seed(_ variant: Variant) throws(ConformanceFailure) {
    for seed: UInt64 in [0, 42, .max] {
      let (first, second) = (try make(variant, seed: seed), try make(variant, seed: seed))
      for step in 0..<2 * Self.steps {
        let expected = try advance(first, step)
        let found = try advance(second, step)
        if let difference = found.difference(from: expected, "a second instance", "the first") {
          throw ConformanceFailure("with the same seed, \(seed), \(difference) at step \(step)")
        }
      }
    }
  }

  private func history(_ variant: Variant) throws(ConformanceFailure) {
    let instance = try make(variant)
    for index in 0..<Limits.conformanceTokens {
      try accept(instance, index % 2 == 0 ? Self.token(index) : Int32(index % CandidateSet.vocabularySize))
    }
    for token in [0, Int32(CandidateSet.vocabularySize - 1)] { try accept(instance, token) }
    for step in 0..<Self.steps { try advance(instance, step) }
  }

  /// A clone does what its original would; neither affects the other, and it outlives it.
  private func clone(_ variant: Variant) throws(ConformanceFailure) {
    for tokens in Self.histories {
      let (original, clone) = try pair(variant, tokens)
      // Before the clone is looked at, so that shared state shows.
      for step in 0..<Self.steps { try advance(original, 100 + step, accepting: Self.token(step)) }
      try compare(clone, "the clone", try made(variant, after: tokens), "the original", after: tokens)
      let (untouched, other) = try pair(variant, tokens)
      for step in 0..<Self.steps { try advance(other, 100 + step, accepting: Self.token(step)) }
      let twin = try made(variant, after: tokens)
      try compare(untouched, "the original of a clone", twin, "one that was never cloned", after: tokens)
      let late = try cloned(try cloned(try made(variant, after: tokens)))
      let model = try made(variant, after: tokens)
      try compare(late, "the clone of a clone whose original is gone", model, "the original", after: tokens)
    }
  }

  private func pair(
    _ variant: Variant, _ tokens: Int
  ) throws(ConformanceFailure) -> (SamplerInstance, SamplerInstance) {
    let original = try made(variant, after: tokens)
    return (original, try cloned(original))
  }

  private func reset(_ variant: Variant) throws(ConformanceFailure) {
    for tokens in Self.histories {
      let used = try made(variant, after: tokens)
      for resets in 0..<2 {
        used.reset()
        do throws(ConformanceFailure) {
          try compare(used, "the reset instance", try make(variant), "a new one", after: 0)
        } catch {
          throw ConformanceFailure(
            "keeps state after reset: \(error.sentence) (reset after \(resets == 0 ? tokens : Self.steps) tokens)"
          )
        }
      }
    }
  }

  private func statelessness(_ variant: Variant) throws(ConformanceFailure) {
    let instance = try make(variant)
    for step in 0..<Self.steps {
      let expected = try look(instance, .step(step))
      for other in 0..<Self.steps { _ = try look(instance, .step(300 + other)) }
      let found = try look(instance, .step(step))
      if let difference = found.difference(from: expected, "a later step", "an earlier one") {
        throw ConformanceFailure(
          "has state without declaring WB_STATEFUL: on the same candidates \(difference)")
      }
    }
  }

  private func best(_ variant: Variant) throws(ConformanceFailure) {
    let instance = try make(variant)
    for set in (0..<Self.steps).map({ CandidateSet.step($0) }) + CandidateSet.all {
      let given = Dictionary(uniqueKeysWithValues: zip(set.ids, set.logits))
      let highest = set.logits.max()
      // Again after the pick was accepted, since a sampler may hold that against it.
      var picture = try look(instance, set)
      try accept(instance, picture.pick)
      if given[picture.pick] == highest { picture = try look(instance, set) }
      if given[picture.pick] == highest { continue }
      let expected = zip(set.ids, set.logits).first { $0.1 == highest }?.0 ?? 0
      throw ConformanceFailure(
        "declares WB_KEEPS_BEST, but token \(picture.pick) overtook \(expected) (on \(set.name))")
    }
  }

  /// What instances hold is freed with them.
  private func destruction() throws(ConformanceFailure) -> UInt64? {
    let count = Limits.conformanceInstances
    var before = 0
    // The first round warms up caches of the allocator and of the library.
    for round in 0..<2 {
      before = sampler.settings.allocatedBytes()
      for index in 0..<count {
        let instance = try make(variants[index % variants.count])
        for token in 0..<Self.steps { try accept(instance, Self.token(token)) }
        if sampler.isStateful { _ = try cloned(instance) }
      }
      if round == 0 { continue }
      let lost = (sampler.settings.allocatedBytes() - before) / count
      guard lost < Limits.conformanceLostBytes else {
        throw ConformanceFailure(
          "does not free its instances: about \(lost) bytes are left of each after destroy")
      }
    }
    return nil
  }

  private func cost() throws(ConformanceFailure) -> UInt64? {
    guard let set = CandidateSet.all.last, let usual = variants.first else { return nil }
    let instance = try make(usual)
    for step in 0..<Self.steps { try advance(instance, step) }
    let median = try Conformance.median(of: 7, sampler.health) { () throws(ConformanceFailure) in
      _ = try look(instance, set)
    }
    guard median <= Limits.conformanceStepNanoseconds else {
      throw ConformanceFailure(
        "takes \(milliseconds(median)) ms of processor time per step over \(set.ids.count) candidates; "
          + "the limit is \(milliseconds(Limits.conformanceStepNanoseconds)) ms")
    }
    return median
  }
}

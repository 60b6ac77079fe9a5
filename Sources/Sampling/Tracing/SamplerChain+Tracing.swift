extension SamplerChain {
  /// Does what `sample` does, with the same result and the same draws, and reports what each stage did.
  ///
  /// Copies the candidates at each stage and makes a few passes over them: for inspection, not for speed.
  public mutating func sampleTraced(
    _ logits: UnsafeBufferPointer<Float>
  ) throws(SamplingError) -> (token: SampledToken, trace: SamplingTrace) {
    try load(logits)
    var snapshots = [Snapshot(candidates)]
    for index in stages.indices {
      try stages[index].apply(to: &candidates)
      snapshots.append(Snapshot(candidates))
    }
    let picked = try picked()
    let points = snapshots.map { $0.distribution(of: picked.token) }
    var trace = SamplingTrace(
      stages: [], likeliest: LogProbabilities(logits).top(Limits.tracedCandidates))
    for (index, stage) in stages.enumerated() {
      let removed = snapshots[index].mass(missingFrom: snapshots[index + 1], vocabularySize: vocabularySize)
      trace.stages.append(
        SamplingTrace.Stage(
          name: stage.name, before: points[index], after: points[index + 1], massRemoved: removed))
    }
    return (picked, trace)
  }
}

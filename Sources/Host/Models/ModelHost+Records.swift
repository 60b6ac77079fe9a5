import Runtime

extension ModelHost {
  /// Every model, in the order of loading.
  public func records() async -> [ModelRecord] {
    var result: [ModelRecord] = []
    for model in all { result.append(await record(of: model)) }
    return result
  }

  /// One model.
  public func record(_ name: String) async throws -> ModelRecord { await record(of: try entry(name)) }

  func record(of model: HostedModel) async -> ModelRecord {
    await model.worker.noteDeath()
    let loaded = await model.worker.prepared ?? LoadedModel()
    let profile = try? profiles.choose(
      request: nil, set: model.setProfile, model: loaded, path: model.source.path)
    // One whose file is gone, which requests are told too.
    let missing = model.setProfile.flatMap { $0 == ProfileCatalogue.none ? nil : $0 }
    var record = ModelRecord(
      name: model.name, source: model.source, state: .down, loaded: loaded,
      template: templates.defaultName(set: model.setTemplate, model: loaded, profile: profile) ?? "",
      preset: model.setPreset ?? "", profile: profile?.profile.name ?? missing ?? "", processID: 0,
      restarts: await model.worker.restarts, lastFailure: await model.worker.lastFailure,
      loadedAt: model.loadedAt, setAside: model.setAside)
    switch await model.worker.state {
    case .running(let running):
      record.processID = running.worker.processID
      record.state = running.worker.isAlive ? .ready : .down
    case .starting: record.state = .loading
    case .idle, .failed, .closed: record.state = .down
    }
    return record
  }
}

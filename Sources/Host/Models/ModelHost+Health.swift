extension ModelHost {
  /// Says which models the configuration names: until they are loaded, the daemon is not ready.
  public func expect(_ names: [String]) {
    expected = Set(names)
    changes.raise()
  }

  /// Whether every model of the configuration has been loaded, and new work is taken.
  public var isReady: Bool { expected.isEmpty && !isDraining }

  /// Whether a model can answer now; nil when there is none of that name.
  public func isReady(model name: String) async -> Bool? {
    guard let model = models[name] else { return expected.contains(name) ? false : nil }
    guard case .running(let running) = await model.worker.state else { return false }
    return running.worker.isAlive && model.loadedAt > 0 && !isDraining
  }
}

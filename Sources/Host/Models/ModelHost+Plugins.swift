import Runtime
public import Sampling

extension ModelHost {
  /// Adds the libraries that were found: workers open the accepted ones, and requests may name their
  /// templates.
  ///
  /// - Throws: `WorkbenchError` when there are too many templates.
  public func usePlugins(_ records: [PluginRecord]) async throws {
    plugins.take(records)
    let offers = records.filter { $0.refusal == nil }.flatMap(\.offers).filter { $0.kind == "template" }
    for offer in offers where !templates.shared.hasVersion(of: offer.name, from: .library) {
      try await changeTemplates(of: offer.name) {
        _ = try $0.put(
          TemplateSource(name: offer.name, source: "", origin: .library, summary: offer.summary))
      }
    }
    // Those of libraries that were there when an earlier daemon ended.
    let names = Set(offers.map(\.name))
    for name in templates.shared.names(from: .library) where !names.contains(name) {
      try await changeTemplates(of: name) { _ = $0.remove(name, origins: [.library]) }
    }
  }

  /// Every library that was found, with the calls and faults of its offers in the running workers.
  public func pluginReport() async -> [PluginRecord] {
    let workers = await runningWorkers()
    await ask(workers.map(\.worker))
    var records = plugins.records
    for (model, worker) in workers {
      let reading = readings[ObjectIdentifier(worker)]
      for use in reading?.status.plugins ?? [] { records.note(use, in: model) }
    }
    return records
  }

  /// The stages that chains may name: the built-in ones and the plugins'.
  public func samplers() async throws -> [StageDescriptor] {
    let usable = plugins.records.filter(\.isUsable)
    guard usable.flatMap(\.offers).contains(where: { $0.kind == "sampler" }) else {
      return SamplerRegistry.builtIn.descriptors
    }
    // A worker that started before a quarantine still offers that library's stages.
    let names = Set(usable.map(\.name))
    let offered = try await utility.running().worker.pluginSamplers()
    return SamplerRegistry.builtIn.descriptors + offered.filter { names.contains($0.origin) }
  }

  /// Whether a library has a tokenizer of this name.
  public func offersTokenizer(_ name: String) -> Bool {
    plugins.records.contains { record in
      record.isUsable && record.offers.contains { $0.kind == "tokenizer" && $0.name == name }
    }
  }

  /// Refuses the tokenizer of a library in quarantine.
  func check(tokenizer reference: String?) throws {
    guard let reference else { return }
    try plugins.check("tokenizer", [reference], field: "tokenizer")
  }
}

extension [PluginRecord] {
  fileprivate mutating func note(_ use: PluginUse, in model: String?) {
    for library in indices where self[library].isUsable {
      let offers = self[library].offers
      guard let offer = offers.firstIndex(where: { $0.kind == use.kind && $0.name == use.name }) else {
        continue
      }
      self[library].offers[offer].use.add(use)
      if let model, !use.disabled.isEmpty { self[library].offers[offer].disabledIn.append(model) }
    }
  }
}

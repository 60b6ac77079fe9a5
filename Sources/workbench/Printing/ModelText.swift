import Terminal
import Units
import WorkbenchAPI

/// Models as text: a table, or the details of one.
enum ModelText {
  /// A table with a row for each model.
  static func table(_ models: [ProtoModel]) -> String {
    var table = Table([
      .init("NAME"), .init("STATE"), .init("QUANT"), .init("SIZE", right: true),
      .init("CONTEXT", right: true),
      .init("TEMPLATE"), .init("ACTIVE", right: true), .init("WAITING", right: true),
      .init("PID", right: true),
      .init("RESTARTS", right: true),
    ])
    for model in models {
      table.add([
        model.name, state(model.state), model.quantization, Format.bytes(model.fileBytes),
        "\(model.contextLength)",
        model.template.isEmpty ? "-" : model.template, "\(model.engine.activeSequences)",
        "\(model.engine.waitingSequences)", model.workerPid == 0 ? "-" : "\(model.workerPid)",
        "\(model.restarts)",
      ])
    }
    return table.fitted
  }

  /// Everything that the daemon says about one model, a field a line.
  static func details(_ model: ProtoModel) -> String {
    var fields = Fields()
    fields.add("name", model.name)
    fields.add("title", model.title)
    fields.add("path", model.path)
    fields.add("state", state(model.state))
    fields.add("last failure", model.lastFailure)
    fields.add("architecture", model.architecture)
    fields.add("parameters", Format.count(model.parameterCount))
    fields.add(
      "quantization",
      model.quantization
        + (model.quantizedFrom.isEmpty ? "" : ", quantised from \(model.quantizedFrom) while loading"))
    fields.add("file", Format.bytes(model.fileBytes))
    fields.add("weights", "\(Format.bytes(model.weightBytes)) in memory")
    fields.add("cache", "\(Format.bytes(model.cacheBytes)) when full, \(model.cacheType)")
    fields.add("context", "\(model.contextLength) (trained with \(model.trainedContextLength))")
    fields.add("vocabulary", counted(model.vocabularySize, "token"))
    fields.add("embedding", "\(model.embeddingLength)")
    fields.add("layers", "\(model.layerCount)")
    fields.add(
      "tokenizer", model.tokenizer + (model.tokenizerSource.isEmpty ? "" : " from \(model.tokenizerSource)"))
    fields.add("ends at", model.endTokens.map(endToken).joined(separator: ", "))
    fields.add("template", model.template.isEmpty ? "none" : model.template)
    fields.add("profile", model.profile)
    fields.add("preset", model.preset)
    fields.add("own templates", model.ownTemplates.joined(separator: ", "))
    fields.add("threads", "\(model.threads)")
    fields.add(
      "worker",
      model.workerPid == 0 ? "" : "process \(model.workerPid), \(counted(model.restarts, "restart"))")
    fields.add("loaded", model.hasLoadedAt ? Format.time(model.loadedAt) : "")
    if model.hasEngine { add(model.engine, to: &fields) }
    for note in model.setAside { fields.add("set aside", note) }
    return fields.text
  }

  /// The file's metadata, sorted by key.
  static func metadata(_ metadata: [String: String]) -> String {
    var fields = Fields()
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { fields.add(key, value) }
    return fields.text
  }

  /// A state in one word.
  static func state(_ state: ProtoModelState) -> String {
    switch state {
    case .loading: "loading"
    case .ready: "ready"
    case .down: "down"
    case .unspecified, .UNRECOGNIZED: "unknown"
    }
  }

  private static func endToken(_ token: ProtoEndToken) -> String {
    "\(token.id) \(String(decoding: token.piece, as: UTF8.self))"
  }

  private static func add(_ engine: ProtoEngineStatus, to fields: inout Fields) {
    fields.add("sequences", "\(engine.activeSequences) active, \(engine.waitingSequences) waiting")
    fields.add(
      "tokens",
      "\(engine.generatedTokens) generated, \(engine.prefilledTokens) from prompts, "
        + "\(engine.reusedTokens) reused"
    )
    if engine.hasAge {
      fields.add("figures", "\(Format.seconds(engine.age)) old: the worker does not answer")
    }
    fields.add(
      "cache in use", "\(engine.cacheUsed) of \(counted(engine.cacheCapacity, "position"))")
  }
}

import Logging
import Runtime

/// Changes to a loaded model; nil leaves a setting as it is.
public struct ModelChange: Sendable {
  /// The template of its chats; an empty name resets it to the checkpoint's own.
  public var template: String?
  /// The tokenizer: a path or a plugin's name; an empty one resets it to the file's own.
  public var tokenizer: String?
  /// The sampler preset of requests that name none; an empty name resets it to the model card's.
  public var preset: String?

  /// No change.
  public init() {}
}

extension ModelHost {
  /// Changes what a model's next requests use; if any part is wrong, nothing is changed.
  ///
  /// - Throws: `WorkbenchError`: no such template or tokenizer, or one that does not fit the model.
  public func update(_ model: String, _ change: ModelChange) async throws -> ModelRecord {
    try refuseWhenDraining()
    let entry = try entry(model)
    let template = change.template.map { $0.isEmpty ? nil : $0 }
    if case .some(.some(let name)) = template {
      try plugins.check(try templates.template(name, of: entry.loaded))
    }
    let preset = change.preset.map { $0.isEmpty ? nil : $0 }
    if case .some(.some(let name)) = preset { _ = try presets.preset(name, field: "preset") }
    if let tokenizer = change.tokenizer {
      try await use(tokenizer: tokenizer.isEmpty ? nil : tokenizer, model)
      // That took a while; the model may have been unloaded.
      _ = try self.entry(model)
    }
    if let template { setTemplate(template, of: model) }
    if let preset { setPreset(preset, of: model) }
    var changed: Logger.Metadata = ["name": "\(model)"]
    let settings = [
      ("template", change.template), ("tokenizer", change.tokenizer), ("preset", change.preset),
    ]
    for case (let setting, let value?) in settings {
      changed[setting] = "\(value.isEmpty ? "the model's own" : value)"
    }
    log.info("model updated", metadata: changed)
    return try await record(model)
  }

  private func use(tokenizer: String?, _ model: String) async throws {
    try check(tokenizer: tokenizer)
    let worker = try await running(model).worker
    // A worker that starts in the meantime must load it too.
    let before = try entry(model).source
    setTokenizer(tokenizer, of: model)
    do {
      setLoaded(try await worker.useTokenizer(tokenizer), of: model)
    } catch {
      setTokenizer(before.tokenizer, refusesLinks: before.tokenizerRefusesLinks, of: model)
      throw error
    }
  }
}

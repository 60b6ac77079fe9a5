import Concurrency
import Logging
import Runtime
import State

/// Changes to a loaded model; nil leaves a setting as it is.
public struct ModelChange: Sendable {
  /// The template of its chats; an empty name resets it to the checkpoint's own.
  public var template: String?
  /// The tokenizer: a path or a plugin's name; an empty one resets it to the file's own.
  public var tokenizer: String?
  /// The sampler preset of requests that name none; an empty name resets it to the profile's samplers.
  public var preset: String?
  /// The profile of requests that name none; an empty name resets it to the model card's.
  public var profile: String?

  /// No change.
  public init() {}
}

extension ModelHost {
  /// Changes what a model's next requests use; if any part is wrong, nothing is changed.
  ///
  /// - Throws: `WorkbenchError`: no such template or tokenizer, or one that does not fit the model.
  public func update(_ name: String, _ change: ModelChange) async throws -> ModelRecord {
    try refuseWhenDraining()
    let model = try entry(name)
    return try await inTurn(model) {
      let loaded = await model.worker.prepared
      let template = change.template.map { $0.isEmpty ? nil : $0 }
      if case .some(.some(let name)) = template {
        // Not while the template is being removed.
        try await templateChanges.run {
          try plugins.check(try templates.template(name, of: loaded))
          model.nextTemplate = name
        }
      }
      defer { model.nextTemplate = nil }
      let preset = change.preset.map { $0.isEmpty ? nil : $0 }
      if case .some(.some(let name)) = preset { _ = try presets.preset(name, field: "preset") }
      let profile = change.profile.map { $0.isEmpty ? nil : $0 }
      if case .some(.some(let name)) = profile { try profiles.check(name, field: "profile") }
      let tokenizerBefore = model.source.tokenizer
      if let tokenizer = change.tokenizer {
        try await use(tokenizer: tokenizer.isEmpty ? nil : tokenizer, model)
      }
      do {
        try await state?.save(ModelSettings(change), of: name)
      } catch {
        // What could not be kept is not used either.
        if change.tokenizer != nil { try? await use(tokenizer: tokenizerBefore, model) }
        throw error
      }
      // From here on nothing can fail, and nothing waits.
      if let template { model.setTemplate = template }
      if let preset { model.setPreset = preset }
      if let profile { model.setProfile = profile }
      model.setAside = []
      note(change, of: model)
      return await record(of: model)
    }
  }

  /// Gives the model another tokenizer; it is the model's once the worker has accepted it.
  private func use(tokenizer: String?, _ model: HostedModel) async throws {
    try refuseWhenDraining()
    try check(tokenizer: tokenizer)
    var source = model.source
    source.tokenizer = tokenizer
    // Only callers that may name any path come here.
    source.tokenizerRefusesLinks = false
    _ = try await model.worker.change(
      { try await $0.useTokenizer(tokenizer) }, then: Self.preparation(source))
    model.source = source
  }

  private func note(_ change: ModelChange, of model: HostedModel) {
    var changed: Logger.Metadata = ["name": "\(model.name)"]
    let settings = [
      ("template", change.template), ("tokenizer", change.tokenizer), ("preset", change.preset),
      ("profile", change.profile),
    ]
    for case (let setting, let value?) in settings {
      changed[setting] = "\(value.isEmpty ? "the model's own" : value)"
    }
    log.info("model updated", metadata: changed)
  }
}

extension ModelSettings {
  fileprivate init(_ change: ModelChange) {
    self.init(
      template: change.template, tokenizer: change.tokenizer, preset: change.preset, profile: change.profile)
  }
}

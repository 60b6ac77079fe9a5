import Runtime

/// The templates by name, and the rule that picks the first of these that exists: the request's, that of the profile
/// that the request names, the one set for the model, that of the profile set for the model, the checkpoint's own, that
/// of the profile of its model card.
struct TemplateCatalogue: Sendable {
  /// What every model can use.
  var shared = TemplateStore()

  /// The template `name` or `name@version`; a model's own templates hide shared ones of the same name.
  func template(_ name: String, of model: LoadedModel?) throws -> TemplateSource {
    let own = model?.templates ?? []
    if let template = own.first(where: { $0.name == name }) ?? shared.template(name) { return template }
    let base = String(name.prefix { $0 != "@" })
    let versions = shared.versions(of: base)
    guard name == base || versions.isEmpty else {
      let kept = versions.map { "\($0)" }.joined(separator: ", ")
      throw WorkbenchError(
        .notFound, "the template '\(base)' has no version '\(name.dropFirst(base.count + 1))'; kept: \(kept)",
        field: "template")
    }
    let names = (own + shared.all).map(\.name).joined(separator: ", ")
    throw WorkbenchError(.notFound, "no template is named '\(name)'; available: \(names)", field: "template")
  }

  /// The name of the template for a model's chats that do not name one.
  func defaultName(set: String?, model: LoadedModel, profile: ProfileChoice?) -> String? {
    if let profile, isFrom(profile, set: set, model: model) { return profile.profile.templateName }
    return set ?? model.templates.first?.name
  }

  /// The template that a request means, and whether what the profile says about prompts applies to it: it does unless
  /// another template was chosen by name.
  ///
  /// - Parameter profiles: The names of the profiles that could be chosen, for the error when there is no template.
  func resolve(
    _ choice: TemplateChoice, model: LoadedModel?, set: String? = nil, profile: ProfileChoice? = nil,
    profiles: [String] = []
  ) throws -> (template: TemplateSource, followsProfile: Bool) {
    switch choice {
    case .named(let name): return (try template(name, of: model), false)
    case .source(let source):
      return (TemplateSource(name: "request", source: source, origin: .request), false)
    case .modelDefault:
      if let profile, isFrom(profile, set: set, model: model) {
        return (try template(of: profile.profile, model), true)
      }
      if let name = set ?? model?.templates.first?.name { return (try template(name, of: model), set == nil) }
      let names = shared.all.map(\.name).joined(separator: ", ")
      throw WorkbenchError(
        .failedPrecondition,
        model == nil
          ? "give a template, or a model whose template to use; available: \(names)"
          : "the model file has no template; choose one with --template NAME or 'template set': \(names); or a profile "
            + "with --profile NAME or 'profile set': \(profiles.joined(separator: ", "))",
        field: "template")
    }
  }

  /// Whether the template is the profile's.
  private func isFrom(_ choice: ProfileChoice, set: String?, model: LoadedModel?) -> Bool {
    guard choice.profile.templateName != nil else { return false }
    return switch choice.origin {
    case .request: true
    case .model: set == nil
    case .card: set == nil && model?.templates.isEmpty ?? true
    }
  }

  private func template(of profile: Profile, _ model: LoadedModel?) throws -> TemplateSource {
    var source: TemplateSource
    if let jinja = profile.jinja {
      source = TemplateSource(
        name: profile.name, source: jinja, origin: profile.origin == .builtIn ? .builtIn : .plugin,
        summary: profile.summary)
    } else {
      source = try template(profile.template ?? "", of: model)
    }
    source.addsBOS = profile.addBOS ?? source.addsBOS
    return source
  }
}

extension Profile {
  /// The name of its template, which is its own name if the template is in it; nil if it has none.
  fileprivate var templateName: String? { template ?? (jinja == nil ? nil : name) }
}

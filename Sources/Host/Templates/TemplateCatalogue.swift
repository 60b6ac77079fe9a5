import BuiltIns
import Runtime

/// The templates by name, and the rule that picks the first of these that exists: the request's, the one set
/// for the model, the checkpoint's own, the profile of its model card.
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
  func defaultName(set: String?, model: LoadedModel, path: String) -> String? {
    if let set { return set }
    if let own = model.templates.first { return own.name }
    return ModelCard.profile(title: model.title, path: path)?.template
  }

  /// The template that a request means.
  func resolve(
    _ choice: TemplateChoice, model: LoadedModel?, path: String = "", set: String? = nil
  ) throws -> TemplateSource {
    switch choice {
    case .named(let name): return try template(name, of: model)
    case .source(let source): return TemplateSource(name: "request", source: source, origin: .request)
    case .modelDefault:
      if let name = set ?? model?.templates.first?.name { return try template(name, of: model) }
      guard let card = ModelCard.profile(title: model?.title ?? "", path: path) else {
        let names = shared.all.map(\.name).joined(separator: ", ")
        throw WorkbenchError(
          .failedPrecondition,
          model == nil
            ? "give a template, or a model whose template to use; available: \(names)"
            : "the model file has no template; choose one with --template NAME or 'template set': \(names)",
          field: "template")
      }
      var template = try template(card.template, of: model)
      template.addsBOS = card.addsBOS
      return template
    }
  }
}

import Runtime

/// The templates by name, and the rule that picks one (first that exists): the request's, the one set for the
/// model, the checkpoint's own, the profile of its model card.
struct TemplateCatalogue: Sendable {
  /// What every model can use.
  var shared = TemplateStore()

  /// The template called `name`, or `name@version`: the model's own ones hide those that all can use.
  func template(_ name: String, of model: ModelDescription?) throws -> TemplateSource {
    let own = model?.templates ?? []
    if let template = own.first(where: { $0.name == name }) ?? shared.template(name) { return template }
    let names = (own + shared.all).map(\.name).joined(separator: ", ")
    let versions = shared.versions(of: String(name.prefix { $0 != "@" }))
    let kept = versions.map { "\($0)" }.joined(separator: ", ")
    throw WorkbenchError(
      .notFound,
      "no template is called \"\(name)\"; "
        + (name.contains("@") && !versions.isEmpty ? "versions kept: \(kept)" : "there are: \(names)"),
      field: "template")
  }

  /// The name of what a model's chats use when they name none.
  func defaultName(set: String?, model: ModelDescription, path: String) -> String? {
    if let set { return set }
    if let own = model.templates.first { return own.name }
    return ModelCard.profile(title: model.title, path: path)?.template
  }

  /// The template that a request means.
  func resolve(
    _ choice: TemplateChoice, model: ModelDescription?, path: String = "", set: String? = nil
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
            ? "without a model a template must be named: \(names)"
            : "the checkpoint carries no template and none is set; name one of: \(names)", field: "template")
      }
      var template = try template(card.template, of: model)
      template.addsBOS = card.addsBOS
      return template
    }
  }
}

/// What the card of a known checkpoint prescribes: the template of files that carry none, and how to sample.
struct ModelCard: Sendable {
  let template: String
  /// The preset of the card's own code.
  let preset: String
  /// Whether the card's own code puts BOS in front.
  let addsBOS: Bool

  /// The profile of the checkpoint that a file's title or name points at.
  static func profile(title: String, path: String) -> ModelCard? {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let names = [title.lowercased(), file.lowercased()]
    return known.first { key, _ in names.contains { $0.contains(key) } }?.card
  }

  private static let known: [(key: String, card: ModelCard)] = [
    ("synthia-7b", ModelCard(template: "synthia", preset: "synthia", addsBOS: true)),
    ("synatra-7b", ModelCard(template: "chatml", preset: "synatra", addsBOS: false)),
  ]
}

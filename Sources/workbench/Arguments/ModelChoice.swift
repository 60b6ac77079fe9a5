import WorkbenchAPI

/// Which model a command means when none is named.
enum ModelChoice {
  /// The only loaded model; with several, an error that lists their names.
  static func only(of models: [ProtoModel]) throws(ClientError) -> String {
    if models.count == 1 { return models[0].name }
    if models.isEmpty {
      throw ClientError(.refused, "no model is loaded", hint: "load one with 'workbench load PATH'")
    }
    let names = models.map(\.name).sorted().joined(separator: ", ")
    throw ClientError(.usage, "several models are loaded; name one of them: \(names)")
  }

  /// Splits words into a model and a text: the first word is the model if it is the name of one; otherwise
  /// all words are the text for the only model.
  static func split(_ words: [String], models: [ProtoModel]) throws(ClientError) -> (
    model: String, text: [String]
  ) {
    if let first = words.first, models.contains(where: { $0.name == first }) {
      return (first, Array(words.dropFirst()))
    }
    return (try only(of: models), words)
  }
}

extension Client {
  /// The given name, or else the name of the only loaded model.
  func model(_ named: String?) async throws(ClientError) -> String {
    if let named { return named }
    return try ModelChoice.only(of: try await call(ModelsMethods.list, ProtoListModelsRequest()).models)
  }

  /// The model and the text of `[MODEL] [TEXT...]`; with `--model` all words are text.
  func modelAndText(_ named: String?, _ words: [String]) async throws(ClientError) -> (
    model: String, text: [String]
  ) {
    if let named { return (named, words) }
    return try ModelChoice.split(
      words, models: try await call(ModelsMethods.list, ProtoListModelsRequest()).models)
  }
}

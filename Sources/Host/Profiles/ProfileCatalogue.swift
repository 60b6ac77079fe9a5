import BuiltIns
import Runtime

/// The profile of a request.
struct ProfileChoice: Sendable {
  /// What it gets.
  var profile: Profile
  /// Who chose it, strongest first.
  enum Origin: Sendable { case request, model, card }
  /// Whether the request names it, it was set for the model, or the model's card is known.
  var origin: Origin
}

/// The profiles by name.
struct ProfileCatalogue: Sendable {
  /// The name that means no profile.
  static let none = "none"
  /// Those of plugin folders first; they hide built-in ones of the same name.
  let all: [Profile]

  init(files: [Profile]) {
    all = files + Self.builtIn.filter { profile in !files.contains { $0.name == profile.name } }
  }

  /// The built-in profiles, parsed; a test checks that none is missing.
  static let builtIn = BuiltInProfiles.all.compactMap {
    try? ProfileFile.profile(name: $0.name, yaml: $0.yaml, origin: .builtIn)
  }

  /// The profile `name`.
  ///
  /// - Throws: `WorkbenchError` `.notFound` that lists the profiles.
  func profile(_ name: String, field: String) throws -> Profile {
    guard let profile = all.first(where: { $0.name == name }) else {
      let names = (all.map(\.name) + [Self.none]).joined(separator: ", ")
      throw WorkbenchError(
        .notFound, "no profile is named '\(name)'; available: \(names)", field: field)
    }
    return profile
  }

  /// Refuses a name that is neither a profile's nor "none".
  func check(_ name: String, field: String) throws {
    if name != Self.none { _ = try profile(name, field: field) }
  }

  /// The profile of the card that a model's title or file name points to; nil if none is known.
  func card(title: String, path: String) -> Profile? {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let names = [title.lowercased(), file.lowercased()]
    return all.first { profile in
      profile.models.contains { part in names.contains { $0.contains(part) } }
    }
  }

  /// The first of these that is given: the request's, the one set for the model, the one of the model's card.
  ///
  /// - Throws: `WorkbenchError` `.notFound` that lists the profiles.
  func choose(request: String?, set: String?, model: LoadedModel?, path: String) throws -> ProfileChoice? {
    if let name = request ?? set {
      if name == Self.none { return nil }
      let field = request == nil ? "profile" : "options.profile"
      return ProfileChoice(
        profile: try profile(name, field: field), origin: request == nil ? .model : .request)
    }
    return card(title: model?.title ?? "", path: path).map { ProfileChoice(profile: $0, origin: .card) }
  }
}

extension Profile {
  /// Its samplers as a preset of its name; nil if it has none.
  var preset: SamplerPreset? {
    samplers.map { SamplerPreset(name: name, settings: $0, origin: .profile, summary: summary) }
  }
}

import Logging
public import Runtime

extension ModelHost {
  /// The profiles that a request may name.
  public var profileList: [Profile] { profiles.all }

  /// The profile `name`.
  ///
  /// - Throws: `WorkbenchError` `.notFound` that lists the profiles.
  public func profile(_ name: String) throws -> Profile { try profiles.profile(name, field: "name") }

  /// Applies changes in the folders: an edit that is a profile takes the place of the one before.
  ///
  /// - Returns: The changes that could not be judged now, to be tried again.
  public func takeProfiles(_ changes: [WatchedFiles.Change]) async -> [WatchedFiles.Change] {
    var undecided: [WatchedFiles.Change] = []
    for change in changes {
      switch change {
      case .removed(let name):
        fileProfiles[name] = nil
        log.info("profile file removed", metadata: ["name": "\(name)"])
      case .refused(_, let path, let why): skip(path, why)
      case .edited(let name, let path, let text):
        do {
          fileProfiles[name] = try await checked(profile: name, text)
          log.info("profile added", metadata: ["name": "\(name)", "path": "\(path)"])
        } catch {
          skip(path, (error as? WorkbenchError)?.message ?? "\(error)")
          // That no worker could look at its template says nothing about the file.
          if (error as? WorkbenchError)?.kind == .unavailable { undecided.append(change) }
        }
      }
    }
    profiles = ProfileCatalogue(files: fileProfiles.values.sorted { $0.name < $1.name })
    return undecided
  }

  /// A profile whose own template, if it has one, a worker has compiled.
  private func checked(profile name: String, _ text: String) async throws -> Profile {
    var profile = try ProfileFile.profile(
      name: name, yaml: text, origin: .plugin, pluginStages: pluginStages)
    if let jinja = profile.jinja {
      let (template, _) = try await checked(name, jinja, origin: .plugin)
      profile.stop += template.stop.filter { !profile.stop.contains($0) }
    }
    return profile
  }

  /// Logs that a file cannot be used; the profile before stays in use.
  private func skip(_ path: String, _ why: String) {
    log.warning("profile file skipped", metadata: ["path": "\(path)", "why": "\(why)"])
  }

  // MARK: Requests

  /// The profile and the samplers of a request to a model.
  func defaults(
    of model: HostedModel, _ loaded: LoadedModel, _ samplers: SamplerNames
  ) throws -> (profile: ProfileChoice?, preset: SamplerPreset?) {
    let profile = try profiles.choose(
      request: samplers.profile, set: model.setProfile, model: loaded, path: model.source.path)
    let preset = try presets.resolve(samplers, set: model.setPreset, profile: profile)
    try plugins.check(samplers, preset)
    return (profile, preset)
  }

  /// The template of a request, and what of the profile applies to it.
  func template(
    _ choice: TemplateChoice, of model: HostedModel?, _ loaded: LoadedModel?, _ profile: ProfileChoice?
  ) throws -> (TemplateSource, Profile?) {
    let (template, followsProfile) = try templates.resolve(
      choice, model: loaded, set: model?.setTemplate, profile: profile, profiles: profiles.all.map(\.name))
    try plugins.check(template)
    var used = profile?.profile
    if !followsProfile {
      used?.addGenerationPrompt = nil
      used?.answerHead = ""
    }
    return (template, used)
  }
}

import Logging
public import Runtime

extension ModelHost {
  /// The templates that a request may name.
  public func templateList(model name: String?) async throws -> TemplateList {
    let model = try name.map { try entry($0) }
    let loaded = await model?.worker.prepared ?? LoadedModel()
    let own = loaded.templates.map {
      TemplateRecord(template: $0, versions: [$0.version], problem: "")
    }
    let chosen = model.flatMap { model in
      // One whose file is gone has no template.
      let profile = try? profiles.choose(
        request: nil, set: model.setProfile, model: loaded, path: model.source.path)
      return templates.defaultName(set: model.setTemplate, model: loaded, profile: profile)
    }
    return TemplateList(
      templates: own + templates.shared.all.map { record(of: $0) }, modelTemplate: chosen ?? "")
  }

  /// The template `name`, or a kept version of it, `name@version`.
  public func template(_ name: String, model: String?) async throws -> TemplateRecord {
    let loaded = try await model.map { try entry($0) }?.worker.prepared
    let template = try templates.template(name, of: loaded)
    return template.origin == .checkpoint
      ? TemplateRecord(template: template, versions: [template.version], problem: "") : record(of: template)
  }

  /// Checks a source and makes it the newest version of its name, for all later requests.
  ///
  /// - Parameters:
  ///   - ifVersion: The version that must be the newest now; 0: the name must be new.
  ///   - force: Whether a source that cannot render a single user message is accepted.
  /// - Throws: `WorkbenchError` with the place when it does not compile; `.failedPrecondition` for
  ///   `ifVersion`.
  public func putTemplate(
    _ name: String, _ content: TemplateContent, ifVersion: Int?, force: Bool = false
  ) async throws -> (record: TemplateRecord, findings: [TemplateFinding]) {
    try refuseWhenDraining()
    // A name that is in use was checked, or is the file's own.
    if !templates.shared.has(name) { _ = try ModelName.check(name, of: "template") }
    try templates.shared.require(ifVersion, of: name)
    var template: TemplateSource
    var findings: [TemplateFinding] = []
    switch content {
    case .source(let source):
      let report: TemplateReport
      (template, report) = try await checked(name, source, origin: .client, force: force)
      findings = report.findings
    case .version(let version):
      template = try templates.template("\(name)@\(version)", of: nil)
      // A library's template has no source: it stays the library's.
      if template.origin != .library { template.origin = .client }
    }
    let put = try await changeTemplates(of: name) { [template] store in
      // The check took a while, so this is asked again.
      try store.require(ifVersion, of: name)
      return try store.put(template)
    }
    log.info("template added", metadata: ["name": "\(name)", "version": .stringConvertible(put.version)])
    return (record(of: put), findings)
  }

  /// Removes what clients and folders put under a name, which uncovers the built-in template of that name.
  ///
  /// - Returns: Whether it will be back after a restart, since a folder still has it.
  /// - Throws: `WorkbenchError`: `.notFound`, or `.failedPrecondition` if it is built in or a model uses it.
  @discardableResult
  public func removeTemplate(_ name: String, ifVersion: Int?) async throws -> Bool {
    try refuseWhenDraining()
    let isInFolder = try await changeTemplates(of: name) { store in
      _ = try templates.template(name, of: nil)
      try store.require(ifVersion, of: name)
      let isInFolder = store.hasVersion(of: name, from: .plugin)
      guard store.remove(name, origins: [.client, .plugin]) > 0 else {
        throw WorkbenchError(
          .failedPrecondition, "'\(name)' is built in and has no other version that could be removed",
          field: "name")
      }
      if store.template(name) == nil, let user = all.first(where: { $0.uses(template: name) })?.name {
        throw WorkbenchError(
          .failedPrecondition, "the model '\(user)' uses '\(name)'; set another template for it first",
          field: "name")
      }
      return isInFolder
    }
    log.info("template removed", metadata: ["name": "\(name)"])
    return isInFolder && !keepsState
  }

  /// Errors and common mistakes in a template; with a model, also whether it fits the vocabulary.
  public func checkTemplate(
    _ choice: TemplateChoice, model: String?
  ) async throws -> (report: TemplateReport, template: String) {
    try refuseWhenDraining()
    let (worker, template, _) = try await worker(for: choice, model: model, profile: nil)
    return (try await worker.check(template), template.name)
  }

  /// The template that a choice means, the worker that handles it (the model's, or the one without a model), and the
  /// profile.
  func worker(
    for choice: TemplateChoice, model name: String?, profile: String?
  ) async throws -> (worker: any Worker, template: TemplateSource, profile: Profile?) {
    guard let name else {
      let chosen = try profiles.choose(request: profile, set: nil, model: nil, path: "")
      let (template, used) = try template(choice, of: nil, nil, chosen)
      return (try await utility.running().worker, template, used)
    }
    let model = try entry(name)
    let running = try await running(model)
    let chosen = try profiles.choose(
      request: profile, set: model.setProfile, model: running.prepared, path: model.source.path)
    let (template, used) = try template(choice, of: model, running.prepared, chosen)
    return (running.worker, template, used)
  }

  // MARK: Folders

  /// Applies changes in the folders: an edit that compiles becomes the newest version of its name.
  ///
  /// - Returns: The changes that could not be judged now, to be tried again.
  public func take(_ changes: [WatchedFiles.Change]) async -> [WatchedFiles.Change] {
    var undecided: [WatchedFiles.Change] = []
    for change in changes where await !take(change) { undecided.append(change) }
    return undecided
  }

  /// Removes what files had when an earlier daemon ended, of names whose files are gone.
  ///
  /// - Parameter names: Those that have a file now.
  public func forgetFiles(except names: Set<String>) async {
    for name in Set(filesBefore.keys).union(templates.shared.names(from: .plugin)).subtracting(names) {
      _ = await take(.removed(name: name))
    }
  }

  private func take(_ change: WatchedFiles.Change) async -> Bool {
    do {
      switch change {
      case .removed(let name):
        filesBefore[name] = nil
        try await changeTemplates(of: name) { store in
          store.remove(name, origins: [.plugin])
          store.note(fileText: nil, of: name)
        }
        log.info("template file removed", metadata: ["name": "\(name)"])
      case .refused(let name, let path, let why): try await refuse(name, path, why)
      case .edited(let name, let path, let text):
        if filesBefore.removeValue(forKey: name) == text { return true }
        do {
          _ = try ModelName.check(name, of: "template")
          var (template, _) = try await checked(name, text, origin: .plugin)
          if template.summary.isEmpty { template.summary = path }
          let put = try await changeTemplates(of: name) { [template] store in
            let put = try store.put(template)
            store.note(fileText: text, of: name)
            return put
          }
          log.info(
            "template added",
            metadata: ["name": "\(name)", "version": .stringConvertible(put.version), "path": "\(path)"])
        } catch {
          try await refuse(name, path, (error as? WorkbenchError)?.message ?? "\(error)")
          // That no worker could look at it says nothing about the file.
          return (error as? WorkbenchError)?.kind != .unavailable
        }
      }
    } catch {
      log.error("template change not kept", metadata: ["why": "\(error)"])
    }
    return true
  }

  /// Logs and notes that a file cannot be used; the version before stays in use.
  private func refuse(_ name: String, _ path: String, _ why: String) async throws {
    try await changeTemplates(of: name) { $0.note(problem: why, of: name) }
    let line = why.prefix { $0 != "\n" }
    log.warning("template file skipped", metadata: ["path": "\(path)", "why": "\(line)"])
  }

  // MARK: -

  /// A template that a worker has compiled, with what its front matter says.
  func checked(
    _ name: String, _ text: String, origin: TemplateSource.Origin, force: Bool = false
  ) async throws -> (TemplateSource, TemplateReport) {
    guard text.utf8.count <= HostLimits.templateBytes else {
      throw WorkbenchError(
        .outOfRange,
        "the template has \(text.utf8.count) bytes; the limit is \(HostLimits.templateBytes >> 10) KiB",
        field: "source")
    }
    var template = TemplateSource(name: name, source: text, origin: origin)
    let report = try await utility.running().worker.check(template)
    if let error = report.error, !(force && error.rule == TemplateFinding.rendering) {
      let place = error.place.map { " (line \($0.line), column \($0.column))\n\($0.excerpt)" } ?? ""
      throw WorkbenchError(
        .invalidArgument, error.message + place,
        field: error.rule == TemplateFinding.name ? "name" : "source")
    }
    template.summary = report.summary
    template.stop = report.stop
    return (template, report)
  }

  private func record(of template: TemplateSource) -> TemplateRecord {
    TemplateRecord(
      template: template, versions: templates.shared.versions(of: template.name),
      problem: templates.shared.problem(of: template.name))
  }
}

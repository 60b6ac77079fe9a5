import BuiltIns
import Runtime
import State

/// The templates that every model can use, each name with its versions.
///
/// A built-in template is version 1; versions from folders and clients follow, the newest last. Numbers are
/// not reused, so that `if_version` notices a removal in between.
struct TemplateStore: Sendable {
  private struct Entry {
    /// Ascending, the last is the one in use; never empty.
    var versions: [TemplateSource] = []
    var newest = 0
    /// The text of its file that was taken last.
    var fileText: String?
    /// Why the newest edit of its file was refused; empty if it was not.
    var problem = ""
  }

  private struct Removed {
    var newest: Int
    var fileText: String?
  }

  private var entries: [String: Entry] = [:]
  private var order: [String] = []
  /// The last number of names that are not in use any more.
  private var removed: [String: Removed] = [:]
  /// Numbers up to this one may have been used by names that are not remembered.
  private var forgotten = 0

  private static let shipped = BuiltInTemplates.all.map {
    TemplateSource(
      name: $0.name, source: $0.source, stop: $0.stopStrings, origin: .builtIn, summary: $0.summary)
  }

  /// A store with the built-in templates.
  init() {
    for template in Self.shipped { add(template) }
  }

  /// The newest of every name, built-in ones first.
  var all: [TemplateSource] { order.compactMap { entries[$0]?.versions.last } }

  /// The newest version of `name`, or the kept version `name@version`; nil when there is none.
  func template(_ reference: String) -> TemplateSource? {
    if let template = entries[reference]?.versions.last { return template }
    guard let (name, version) = Self.split(reference) else { return nil }
    return entries[name]?.versions.first { $0.version == version }
  }

  /// Whether there is a template `name` or `name@version`.
  func has(_ reference: String) -> Bool { template(reference) != nil }

  /// The versions of a name that are kept, ascending.
  func versions(of name: String) -> [Int] { entries[name]?.versions.map(\.version) ?? [] }

  /// Whether a version of this name that is kept has this origin.
  func hasVersion(of name: String, from origin: TemplateSource.Origin) -> Bool {
    entries[name]?.versions.contains { $0.origin == origin } ?? false
  }

  /// Why the newest edit of the file of this name was refused; empty if it was not.
  func problem(of name: String) -> String { entries[name]?.problem ?? "" }

  /// Notes why an edit was refused.
  mutating func note(problem: String, of name: String) { entries[name]?.problem = problem }

  /// Notes the text of the file of this name that was taken last; nil: there is no file any more.
  mutating func note(fileText: String?, of name: String) {
    entries[name]?.fileText = fileText
    removed[name]?.fileText = fileText
  }

  /// The names that have a version from this origin.
  func names(from origin: TemplateSource.Origin) -> [String] {
    order.filter { hasVersion(of: $0, from: origin) }
  }

  /// Refuses unless `version` is the newest of the name; 0: unless there is none.
  func require(_ version: Int?, of name: String) throws {
    guard let version else { return }
    let found = entries[name]?.versions.last?.version ?? 0
    guard found == version else {
      throw WorkbenchError(
        .failedPrecondition,
        found == 0
          ? "no template is named '\(name)'; if_version must be 0 to add it"
          : "the newest version of '\(name)' is \(found), not \(version); look at what changed and try again",
        field: "if_version")
    }
  }

  /// Makes `template` the newest version of its name; its own version number is ignored.
  ///
  /// - Throws: `WorkbenchError` when there are too many names.
  mutating func put(_ template: TemplateSource) throws -> TemplateSource {
    guard entries[template.name] != nil || entries.count < HostLimits.templates else {
      throw WorkbenchError(
        .resourceExhausted,
        "\(HostLimits.templates) template names are in use, which is the limit; remove one first")
    }
    return add(template)
  }

  /// Removes every version of a name that has one of these origins.
  ///
  /// - Returns: The number of versions removed.
  @discardableResult
  mutating func remove(_ name: String, origins: Set<TemplateSource.Origin>) -> Int {
    guard var entry = entries[name] else { return 0 }
    let kept = entry.versions.filter { !origins.contains($0.origin) }
    let count = entry.versions.count - kept.count
    entry.versions = kept
    entry.problem = ""
    entries[name] = entry
    if kept.isEmpty {
      forget(name)
      // Its number was in use when an earlier daemon, without it, took the name.
      if count > 0, let shipped = Self.shipped.first(where: { $0.name == name }) { add(shipped) }
    }
    return count
  }

  @discardableResult
  private mutating func add(_ template: TemplateSource) -> TemplateSource {
    let before = removed[template.name]
    var entry =
      entries[template.name] ?? Entry(newest: before?.newest ?? forgotten, fileText: before?.fileText)
    if entries[template.name] == nil { order.append(template.name) }
    removed[template.name] = nil
    entry.newest += 1
    entry.problem = ""
    var template = template
    template.version = entry.newest
    entry.versions.append(template)
    if entry.versions.count > HostLimits.templateVersions {
      // The built-in version is always kept.
      entry.versions.remove(at: entry.versions[0].origin == .builtIn ? 1 : 0)
    }
    entries[template.name] = entry
    return template
  }

  /// Gives the name free; only its last number is remembered, and of too many names only the largest one.
  private mutating func forget(_ name: String) {
    if let entry = entries.removeValue(forKey: name) {
      removed[name] = Removed(newest: entry.newest, fileText: entry.fileText)
    }
    order.removeAll { $0 == name }
    trimRemoved()
  }

  private mutating func trimRemoved() {
    guard removed.count > HostLimits.removedTemplates else { return }
    forgotten = removed.values.map(\.newest).reduce(forgotten, max)
    removed = [:]
  }

  /// The parts of `name@version`.
  private static func split(_ reference: String) -> (name: String, version: Int)? {
    guard let at = reference.lastIndex(of: "@"), let version = Int(reference[reference.index(after: at)...])
    else { return nil }
    return (String(reference[..<at]), version)
  }

  // MARK: The state file

  /// A name as the state file keeps it, without what ships.
  func stored(_ name: String) -> StoredTemplate {
    let entry = entries[name]
    return StoredTemplate(
      name: name, newest: entry?.newest ?? removed[name]?.newest ?? forgotten,
      fileText: entry?.fileText ?? removed[name]?.fileText,
      versions: (entry?.versions ?? []).filter { $0.origin != .builtIn })
  }

  /// Adds what a state file kept to what ships.
  mutating func restore(_ templates: [StoredTemplate]) {
    for template in templates {
      var entry = entries[template.name] ?? Entry()
      // What ships now under a name that was free before comes back when the other versions are removed.
      entry.versions.removeAll { shipped in
        template.versions.contains { $0.version == shipped.version }
      }
      entry.versions += template.versions
      entry.newest = max(entry.newest, template.newest)
      entry.fileText = template.fileText
      if entry.versions.isEmpty {
        removed[template.name] = Removed(newest: entry.newest, fileText: entry.fileText)
        continue
      }
      if entries[template.name] == nil { order.append(template.name) }
      entries[template.name] = entry
    }
    trimRemoved()
  }
}

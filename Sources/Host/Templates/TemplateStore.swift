import BuiltIns
import Runtime

/// The templates that every model can use, each name with its versions.
///
/// A built-in template is version 1; versions from folders and clients follow, the newest last. Numbers are
/// not reused while the daemon runs, so that `if_version` notices a removal in between.
struct TemplateStore: Sendable {
  private struct Entry {
    /// Ascending, the last is the one in use; never empty.
    var versions: [TemplateSource] = []
    var newest = 0
    /// Why the newest edit of its file was refused; empty if it was not.
    var problem = ""
  }

  private var entries: [String: Entry] = [:]
  private var order: [String] = []
  /// The last number of names that are not in use any more.
  private var removed: [String: Int] = [:]
  /// Numbers up to this one may have been used by names that are not remembered.
  private var forgotten = 0

  /// A store with the built-in templates.
  init() {
    for template in BuiltInTemplates.all {
      add(
        TemplateSource(
          name: template.name, source: template.source, stop: template.stopStrings, origin: .builtIn,
          summary: template.summary))
    }
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
    if kept.isEmpty { forget(name) }
    return count
  }

  @discardableResult
  private mutating func add(_ template: TemplateSource) -> TemplateSource {
    var entry = entries[template.name] ?? Entry(newest: removed[template.name] ?? forgotten)
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
    removed[name] = entries.removeValue(forKey: name)?.newest
    order.removeAll { $0 == name }
    guard removed.count > HostLimits.removedTemplates else { return }
    forgotten = removed.values.reduce(forgotten, max)
    removed = [:]
  }

  /// The parts of `name@version`.
  private static func split(_ reference: String) -> (name: String, version: Int)? {
    guard let at = reference.lastIndex(of: "@"), let version = Int(reference[reference.index(after: at)...])
    else { return nil }
    return (String(reference[..<at]), version)
  }
}

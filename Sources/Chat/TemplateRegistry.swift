/// The templates of a daemon by name, and the rule that chooses one.
public struct TemplateRegistry: Sendable {
  private var templates: [String: ChatTemplate] = [:]

  /// Makes an empty registry.
  public init() {}

  /// The templates that are shipped.
  public static let builtIn: TemplateRegistry = {
    var registry = TemplateRegistry()
    for (name, source) in BuiltInTemplates.sources {
      // A shipped template that does not compile is caught by the tests.
      if let template = try? ChatTemplate.compile(name: name, source: source, origin: .builtIn) {
        registry.templates[name] = template
      }
    }
    return registry
  }()

  /// The names, sorted.
  public var names: [String] { templates.keys.sorted() }

  /// All templates, sorted by name.
  public var all: [ChatTemplate] { names.compactMap { templates[$0] } }

  /// Adds a template or replaces the one of its name.
  public mutating func put(_ template: ChatTemplate) { templates[template.name] = template }

  /// Removes a template; gives it back.
  public mutating func remove(_ name: String) -> ChatTemplate? { templates.removeValue(forKey: name) }

  /// The template of a name.
  public func template(named name: String) throws(ChatError) -> ChatTemplate {
    guard let template = templates[name] else {
      throw .unknownTemplate(name: name, nearest: Names.nearest(to: name, in: names), known: names)
    }
    return template
  }

  /// Who chose a template.
  public enum Choice: String, Sendable {
    /// The request named it.
    case request
    /// It was set for the model.
    case model
    /// The checkpoint brings it.
    case checkpoint
    /// The model card's profile names it.
    case profile
  }

  /// The first that exists: the request's, the model's set one, the checkpoint's own, the model card's profile.
  ///
  /// - Throws: `ChatError.unknownTemplate` for a name that is not registered; it does not fall through to the next rule.
  ///   `ChatError.noTemplate` where nothing is named.
  public func choose(
    request: String? = nil, model: String? = nil, checkpoint: ChatTemplate? = nil, profile: String? = nil
  ) throws(ChatError) -> (template: ChatTemplate, choice: Choice) {
    if let request { return (try template(named: request), .request) }
    if let model { return (try template(named: model), .model) }
    if let checkpoint { return (checkpoint, .checkpoint) }
    if let profile { return (try template(named: profile), .profile) }
    throw .noTemplate(known: names)
  }
}

/// Names that are meant when another is written.
enum Names {
  /// The name that differs in the fewest letters, if those are few.
  static func nearest(to name: String, in names: [String]) -> String? {
    let wanted = Array(name.lowercased().utf8.prefix(Limits.nameBytes))
    let ranked = names.map { ($0, distance(wanted, Array($0.lowercased().utf8))) }
    guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(2, wanted.count / 3) else { return nil }
    return best.0
  }

  /// How many insertions, deletions and replacements lie between two words.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let replaced = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}

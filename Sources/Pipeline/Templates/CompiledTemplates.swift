import Chat
import Runtime
import Synchronization

/// A cache of compiled templates, since compiling a long one takes longer than rendering it.
public final class CompiledTemplates: Sendable {
  private let plugins: PluginSet
  private let recent = Mutex<[(name: String, source: String, template: ChatTemplate)]>([])

  /// An empty cache.
  ///
  /// - Parameter plugins: The libraries whose templates may be named.
  public init(plugins: PluginSet = PluginSet()) {
    self.plugins = plugins
  }

  /// The compiled template of a source, from the cache if it was used recently; or the template of a library.
  func compiled(_ source: TemplateSource) throws -> any PromptTemplate {
    if source.origin == .library { return try plugins.template(source.name) }
    if let template = use(source) { return template }
    let template = try ChatTemplate.compile(name: source.name, source: source.source)
    recent.withLock { recent in
      if recent.count >= PipelineLimits.compiledTemplates { recent.removeFirst() }
      recent.append((source.name, source.source, template))
    }
    return template
  }

  /// The cached template, marked as the most recently used.
  private func use(_ source: TemplateSource) -> ChatTemplate? {
    recent.withLock { recent in
      guard let index = recent.lastIndex(where: { $0.name == source.name && $0.source == source.source })
      else { return nil }
      let entry = recent.remove(at: index)
      recent.append(entry)
      return entry.template
    }
  }
}

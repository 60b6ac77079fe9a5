import Chat
import Runtime
import Synchronization

/// The templates that were used last, compiled: compiling a long one takes longer than rendering it.
final class CompiledTemplates: Sendable {
  private let recent = Mutex<[(name: String, source: String, template: ChatTemplate)]>([])

  /// The template of a source; compiled now unless it is one of the last used.
  func compiled(_ source: TemplateSource) throws -> ChatTemplate {
    if let template = use(source) { return template }
    let template = try ChatTemplate.compile(name: source.name, source: source.source)
    recent.withLock { recent in
      if recent.count >= PipelineLimits.compiledTemplates { recent.removeFirst() }
      recent.append((source.name, source.source, template))
    }
    return template
  }

  /// A kept one, which becomes the last used.
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

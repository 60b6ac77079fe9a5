import Concurrency
import Runtime
public import State

extension ModelHost {
  /// Takes what an earlier daemon kept, and keeps from now on what is set and put.
  ///
  /// - Returns: What cannot be read, each with its reason.
  public func restore(from file: StateFile) async throws -> [String] {
    let stored = try await file.templates()
    state = file
    return await templateChanges.run {
      templates.shared.restore(stored.templates)
      for template in stored.templates { filesBefore[template.name] = template.fileText }
      return stored.unreadable
    }
  }

  /// Whether what is set and put is still there after a restart.
  public var keepsState: Bool { state?.isDurable ?? false }

  /// Changes the templates of a name: first in the state file, then for requests.
  func changeTemplates<Value>(
    of name: String, _ body: (inout TemplateStore) throws -> Value
  ) async throws -> Value {
    try await templateChanges.run {
      var store = templates.shared
      let value = try body(&store)
      let (before, now) = (templates.shared.stored(name), store.stored(name))
      if now != before { try await state?.save(now, before: before.versions.map(\.version)) }
      templates.shared = store
      return value
    }
  }
}

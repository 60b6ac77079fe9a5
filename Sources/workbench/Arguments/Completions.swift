import ArgumentParser
import WorkbenchAPI

/// Names that a shell completes, asked of the daemon.
enum Completions {
  /// The names of the models.
  static let models = CompletionKind.custom { _, _, _ in
    await names { client in
      try await client.call(ModelsMethods.list, ProtoListModelsRequest()).models.map(\.name)
    }
  }

  /// The names of the templates.
  static let templates = CompletionKind.custom { _, _, _ in
    await names { client in
      try await client.call(TemplatesMethods.list, ProtoListTemplatesRequest()).templates.map(\.name)
    }
  }

  private static func names(_ ask: (Client) async throws -> [String]) async -> [String] {
    guard let client = try? Client(address: DefaultAddress.resolve(), timeout: Limits.completionTimeout)
    else {
      return []
    }
    defer { client.close() }
    return (try? await ask(client)) ?? []
  }
}

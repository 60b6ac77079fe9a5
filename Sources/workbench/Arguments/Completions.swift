import ArgumentParser
import Connecting
import WorkbenchAPI

/// Completions of names for a shell; the daemon is asked for them, and without one there are none.
enum Completions {
  /// Names of loaded models.
  static let models = CompletionKind.custom { _, _, _ in
    await names { client in
      try await client.call(ModelsMethods.list, ProtoListModelsRequest()).models.map(\.name)
    }
  }

  /// Names of the templates that every model can use.
  static let templates = CompletionKind.custom { _, _, _ in
    await names { client in
      try await client.templates(of: nil).templates.map(\.name)
    }
  }

  /// Names of the caller's conversations, the one that was changed last first.
  static let conversations = CompletionKind.custom { _, _, _ in
    await names { client in
      try await client.call(ConversationsMethods.list, ProtoListConversationsRequest()).conversations.map(
        \.name)
    }
  }

  /// Names of the profiles.
  static let profiles = CompletionKind.custom { _, _, _ in
    await names { client in
      try await client.profiles().profiles.map(\.name)
    }
  }

  private static func names(_ ask: (Client) async throws -> [String]) async -> [String] {
    guard
      let client = try? Client(
        address: DefaultAddress.resolve(), credentials: try Credentials(), timeout: Limits.completionTimeout)
    else {
      return []
    }
    defer { client.close() }
    return (try? await ask(client)) ?? []
  }
}

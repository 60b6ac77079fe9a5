import GRDB
import Runtime

extension StateFile {
  private static let settings:
    [(name: String, path: any WritableKeyPath<ModelSettings, String?> & Sendable)] = [
      ("template", \.template), ("tokenizer", \.tokenizer), ("preset", \.preset),
      ("profile", \.profile),
    ]

  /// What was set for the model of this name.
  public func settings(of model: String) async throws -> ModelSettings {
    try await read { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT setting, value FROM model_setting WHERE model = ?", arguments: [model])
      var found = ModelSettings()
      for row in rows {
        let name: String = row[0]
        guard let setting = Self.settings.first(where: { $0.name == name }) else { continue }
        found[keyPath: setting.path] = row[1]
      }
      return found
    }
  }

  /// Keeps what `change` sets; what is nil in it stays as it is.
  ///
  /// - Throws: `WorkbenchError` when something is set for too many models.
  public func save(_ change: ModelSettings, of model: String) async throws {
    try await write { database in
      for (name, path) in Self.settings {
        guard let value = change[keyPath: path] else { continue }
        try database.execute(
          sql: """
            INSERT INTO model_setting (model, setting, value) VALUES (?, ?, ?)
            ON CONFLICT (model, setting) DO UPDATE SET value = excluded.value
            """, arguments: [model, name, value])
      }
      let models = try Int.fetchOne(database, sql: "SELECT count(DISTINCT model) FROM model_setting") ?? 0
      guard models <= StateLimits.models else {
        throw WorkbenchError(
          .resourceExhausted, "settings of \(StateLimits.models) models are kept, which is the limit")
      }
    }
  }
}

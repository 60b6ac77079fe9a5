import Foundation
import GRDB
import JSON
import Runtime

extension StateFile {
  /// Every template, with what cannot be read of them.
  public func templates() async throws -> StoredTemplates {
    try await read { database in
      var found = StoredTemplates(templates: [], unreadable: [])
      let names = try Row.fetchAll(
        database, sql: "SELECT CAST(name AS BLOB), newest, file_text FROM template ORDER BY id")
      for row in names {
        let bytes: [UInt8] = Self.bytes(row[0])
        guard let name = String(validating: bytes, as: UTF8.self) else {
          found.unreadable.append("a template's name is not UTF-8")
          continue
        }
        var template = StoredTemplate(
          name: name, newest: row[1],
          fileText: String(validating: Self.bytes(row[2]), as: UTF8.self), versions: [])
        if row.hasNull(atIndex: 2) { template.fileText = nil }
        try Self.readVersions(of: &template, database, &found.unreadable)
        found.templates.append(template)
      }
      return found
    }
  }

  /// Keeps a change to the templates of a name.
  ///
  /// - Parameters:
  ///   - template: The name as it is now.
  ///   - before: The versions that it had.
  public func save(_ template: StoredTemplate, before: [Int]) async throws {
    try await write { database in
      try database.execute(
        sql: """
          INSERT INTO template (name, newest, file_text) VALUES (?, ?, ?)
          ON CONFLICT (name) DO UPDATE SET newest = excluded.newest, file_text = excluded.file_text
          """, arguments: [template.name, template.newest, template.fileText.map { Data($0.utf8) }])
      let now = Set(template.versions.map(\.version))
      // One by one, so that a version that could not be read stays.
      for version in before where !now.contains(version) {
        try database.execute(
          sql: "DELETE FROM template_version WHERE name = ? AND version = ?",
          arguments: [template.name, version])
      }
      let known = Set(before)
      for version in template.versions where !known.contains(version.version) {
        var stop = JSONWriter()
        stop.array { for text in version.stop { $0.string(text) } }
        try database.execute(
          sql: """
            INSERT INTO template_version (name, version, origin, source, summary, stop)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            template.name, version.version, version.origin.rawValue, Data(version.source.utf8),
            Data(version.summary.utf8),
            stop.text,
          ])
      }
    }
  }

  private static func readVersions(
    of template: inout StoredTemplate, _ database: Database, _ unreadable: inout [String]
  ) throws {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT version, origin, source, summary, stop FROM template_version
        WHERE name = ? ORDER BY version
        """, arguments: [template.name])
    for row in rows {
      let version: Int = row[0]
      let reference = "template '\(template.name)', version \(version)"
      let origin: String = row[1]
      let stop: String = row[4]
      guard let origin = TemplateSource.Origin(rawValue: origin) else {
        unreadable.append("\(reference): its origin '\(origin)' is unknown")
        continue
      }
      guard let source = String(validating: bytes(row[2]), as: UTF8.self),
        let summary = String(validating: bytes(row[3]), as: UTF8.self)
      else {
        unreadable.append("\(reference): its text is not UTF-8")
        continue
      }
      guard version >= 1, version <= template.newest,
        let stops = (try? JSONDocument(stop))?.root.elements?.map(\.string), !stops.contains(nil)
      else {
        unreadable.append("\(reference): its number or its stop strings are wrong")
        continue
      }
      var read = TemplateSource(
        name: template.name, source: source, stop: stops.compactMap(\.self), origin: origin, summary: summary)
      read.version = version
      template.versions.append(read)
    }
  }

  private static func bytes(_ value: DatabaseValue) -> [UInt8] {
    Data.fromDatabaseValue(value).map(Array.init) ?? []
  }
}

import Logging
public import Runtime

/// Finds out what a library is, without running any of it in this process.
public protocol PluginTrier: Sendable {
  /// Tries the library at `path`; a refusal is part of the answer.
  func tryPlugin(_ path: String) async -> PluginRecord
}

/// The plugin libraries of some folders: `NAME.so`.
public enum PluginLibraries {
  /// Tries every library of `folders`, in order; of two with one name, or that offer the same, the first is kept.
  ///
  /// - Parameter taken: Names of samplers that no plugin may have.
  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  public static func tried(
    in folders: [String], taken: Set<String>, by trier: any PluginTrier
  ) async throws -> [PluginRecord] {
    var offered = Set(taken.map { "sampler \($0)" })
    var records: [PluginRecord] = []
    for folder in folders {
      for (_, path) in try PluginFolders.files(.library, in: folder) {
        var record = await trier.tryPlugin(path)
        let names = ["plugin \(record.name)"] + record.offers.map { "\($0.kind) \($0.name)" }
        if record.refusal == nil, let clash = names.first(where: { offered.contains($0) }) {
          record.refusal = "there is a \(clash) already"
        }
        if record.refusal == nil { offered.formUnion(names) }
        records.append(record)
      }
    }
    return records
  }
}

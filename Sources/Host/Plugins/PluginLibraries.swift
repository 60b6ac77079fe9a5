public import Logging
import Runtime

/// Finds out what a library offers, without running its code in this process.
public protocol PluginTrier: Sendable {
  /// Tries the library at `path`; a refusal is part of the answer.
  func tryPlugin(_ path: String) async -> PluginRecord
}

/// The plugin libraries of some folders: `NAME.so`.
public enum PluginLibraries {
  /// Tries every library of `folders`, in order; if two have the same name or offer the same, the first is
  /// kept.
  ///
  /// - Parameter taken: Names of samplers that a plugin may not use.
  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  public static func tried(
    in folders: [PluginFolder], taken: Set<String>, by trier: any PluginTrier, log: Logger
  ) async throws -> [PluginRecord] {
    let paths = try folders.flatMap { folder in
      try PluginFolders.names(in: folder, log: log).filter {
        $0.hasSuffix(PluginFolders.Kind.library.rawValue)
      }.map { "\(folder.path)/\($0)" }
    }
    var offered = Set(taken.map { "sampler '\($0)'" })
    return await verdicts(on: paths, by: trier).map { record in
      var record = record
      let names = ["plugin '\(record.name)'"] + record.offers.map { "\($0.kind) '\($0.name)'" }
      if record.refusal == nil, let clash = names.first(where: { offered.contains($0) }) {
        record.refusal = "there is already a \(clash)"
      }
      if record.refusal == nil { offered.formUnion(names) }
      return record
    }
  }

  /// Tries libraries, a few at a time, since one that hangs takes seconds to detect.
  private static func verdicts(on paths: [String], by trier: any PluginTrier) async -> [PluginRecord] {
    await withTaskGroup(of: (Int, PluginRecord).self) { group in
      var records = paths.map { PluginRecord(path: $0) }
      var waiting = paths.enumerated().makeIterator()
      func start() {
        guard let (index, path) = waiting.next() else { return }
        group.addTask { (index, await trier.tryPlugin(path)) }
      }
      for _ in 0..<HostLimits.pluginTrials { start() }
      while let (index, record) = await group.next() {
        records[index] = record
        start()
      }
      return records
    }
  }
}

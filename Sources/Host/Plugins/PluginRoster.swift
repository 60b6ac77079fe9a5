import Logging
import Runtime
import Sampling
import Synchronization

/// The plugin libraries that workers open, and those that took too many workers with them.
///
/// A library is in quarantine after `HostLimits.pluginDeaths` workers died while they called it, and at once when a
/// worker died while it opened it: no worker could start at all. It stays there until the daemon restarts.
final class PluginRoster: Sendable {
  private let state: Mutex<[PluginRecord]>
  private let log: Logger

  init(_ records: [PluginRecord] = [], log: Logger) {
    state = Mutex(records)
    self.log = log
  }

  /// Adds the libraries that were found.
  func take(_ records: [PluginRecord]) { state.withLock { $0 += records } }

  /// Every library that was found.
  var records: [PluginRecord] { state.withLock { $0 } }

  /// What a new worker opens.
  var usable: [String] { records.filter(\.isUsable).map(\.path) }

  /// Puts a worker's death on the record of the libraries that it was calling.
  ///
  /// - Returns: Whether one of them could not even be opened: a fresh worker, without it, may do better.
  @discardableResult
  func blame(_ suspects: [PluginSuspect], for exit: WorkerExit) -> Bool {
    for suspect in suspects {
      let quarantine = state.withLock { records -> String? in
        guard let index = records.firstIndex(where: { $0.path == suspect.path && $0.isUsable }) else {
          return nil
        }
        records[index].deaths += 1
        let deaths = records[index].deaths
        if suspect.isOpening {
          records[index].quarantine = "a worker that opened it \(exit)"
        } else if deaths >= HostLimits.pluginDeaths {
          records[index].quarantine = "\(deaths) workers ended while they called it; the last \(exit)"
        }
        return records[index].quarantine
      }
      log.warning(
        "plugin brought a worker down",
        metadata: ["path": "\(suspect.path)", "how": "\(exit)", "quarantine": "\(quarantine ?? "not yet")"])
    }
    return suspects.contains(where: \.isOpening)
  }

  /// Refuses what is of a library in quarantine.
  ///
  /// - Throws: `WorkbenchError` `.failedPrecondition` that names the plugin and why it is there.
  func check(_ kind: String, _ names: [String], field: String) throws {
    for record in records {
      guard let reason = record.quarantine,
        let offer = record.offers.first(where: { $0.kind == kind && names.contains($0.name) })
      else { continue }
      throw WorkbenchError(
        .failedPrecondition,
        "\(kind) '\(offer.name)' belongs to the plugin '\(record.name)', which is in quarantine: \(reason)",
        field: field)
    }
  }

  /// Refuses a template of a library in quarantine.
  func check(_ template: TemplateSource) throws {
    guard template.origin == .library else { return }
    try check("template", [template.name], field: "template")
  }

  /// Refuses a request or a preset that names a sampler of a library in quarantine.
  func check(_ samplers: SamplerNames, _ preset: SamplerPreset?) throws {
    let stages = samplers.stages + (preset?.settings.stageNames ?? [])
    try check("sampler", stages, field: "options.sampling")
  }
}

extension SamplerSettings {
  /// The stages that are named, in order or with a parameter.
  fileprivate var stageNames: [String] {
    (order ?? []) + (chain ?? []).map(\.name) + stageParameters.keys
  }
}

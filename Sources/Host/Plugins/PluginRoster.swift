import Logging
import Runtime
import Sampling
import Synchronization

/// The plugin libraries that were found, and those that are quarantined because they killed workers.
///
/// A library is quarantined after `HostLimits.pluginDeaths` workers died while calling it, and at once if a
/// worker died while opening it, since no worker could start at all. It stays quarantined until the daemon
/// restarts.
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

  /// The paths of the libraries that a new worker opens.
  var usable: [String] { records.filter(\.isUsable).map(\.path) }

  /// Counts a worker's death against the libraries that it was calling.
  ///
  /// - Returns: Whether the worker was opening one of them: a new worker, which leaves it out, may succeed.
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
          records[index].quarantine = "a worker \(exit) while opening it"
        } else if deaths >= HostLimits.pluginDeaths {
          records[index].quarantine = "\(deaths) workers died while calling it; the last \(exit)"
        }
        return records[index].quarantine
      }
      log.warning(
        "plugin crashed a worker",
        metadata: ["path": "\(suspect.path)", "how": "\(exit)", "quarantine": "\(quarantine ?? "not yet")"])
    }
    return suspects.contains(where: \.isOpening)
  }

  /// Refuses anything that belongs to a quarantined library.
  ///
  /// - Throws: `WorkbenchError` `.failedPrecondition` with the plugin and the reason.
  func check(_ kind: String, _ names: [String], field: String) throws {
    for record in records {
      guard let reason = record.quarantine,
        let offer = record.offers.first(where: { $0.kind == kind && names.contains($0.name) })
      else { continue }
      throw WorkbenchError(
        .failedPrecondition,
        "\(kind) '\(offer.name)' belongs to the plugin '\(record.name)', which is quarantined "
          + "until the daemon restarts: \(reason)",
        field: field)
    }
  }

  /// Refuses a template of a quarantined library.
  func check(_ template: TemplateSource) throws {
    guard template.origin == .library else { return }
    try check("template", [template.name], field: "template")
  }

  /// Refuses a request or a preset that names a sampler of a quarantined library.
  func check(_ samplers: SamplerNames, _ preset: SamplerPreset?) throws {
    let stages = samplers.stages + (preset?.settings.stageNames ?? [])
    try check("sampler", stages, field: "options.sampling")
  }
}

extension SamplerSettings {
  /// The stages that are named in the order, in the chain or by a parameter.
  fileprivate var stageNames: [String] {
    (order ?? []) + (chain ?? []).map(\.name) + stageParameters.keys
  }
}

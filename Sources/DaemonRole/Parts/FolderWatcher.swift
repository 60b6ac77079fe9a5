import Host
import Logging
import Synchronization

/// The files of plugin folders: presets, read once, and templates, read again whenever they change.
final class FolderWatcher: DaemonPart {
  private let host: ModelHost
  private let folders: [String]
  private let log: Logger
  private let templates = Mutex<TemplateFolders?>(nil)

  init(host: ModelHost, folders: [String], log: Logger) {
    self.host = host
    self.folders = folders
    self.log = log
  }

  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  func start() async throws {
    let found = try TemplateFolders(folders, log: log)
    templates.withLock { $0 = found }
    try await host.usePresets(in: folders)
    await look()
  }

  func run() async throws {
    while true {
      try await Task.sleep(for: HostLimits.folderPoll)
      await look()
    }
  }

  private func look() async {
    await host.take(templates.withLock { $0?.changes() ?? [] })
  }
}

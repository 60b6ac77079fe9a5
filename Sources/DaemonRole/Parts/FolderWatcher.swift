import Concurrency
import Host
import Logging
import Synchronization

/// The templates, presets and profiles of plugin folders, read again whenever they change.
final class FolderWatcher: DaemonPart {
  private let host: ModelHost
  private let folders: [PluginFolder]
  private let log: Logger
  private let templates = Mutex<WatchedFiles?>(nil)
  private let presets = Mutex<WatchedFiles?>(nil)
  private let profiles = Mutex<WatchedFiles?>(nil)

  init(host: ModelHost, folders: [PluginFolder], log: Logger) {
    self.host = host
    self.folders = folders
    self.log = log
  }

  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  func start() async throws {
    let found = try (
      WatchedFiles.templates(in: folders, log: log), WatchedFiles.presets(in: folders, log: log),
      WatchedFiles.profiles(in: folders, log: log)
    )
    templates.withLock { $0 = found.0 }
    presets.withLock { $0 = found.1 }
    profiles.withLock { $0 = found.2 }
    let edits = try await look()
    let names = edits.compactMap { change in
      switch change {
      case .edited(let name, _, _), .refused(let name, _, _): name
      case .removed: nil
      }
    }
    await host.forgetFiles(except: Set(names))
  }

  func run() async throws {
    while true {
      try await Task.sleep(for: HostLimits.folderPoll)
      do {
        try await look()
      } catch let error as ThreadError {
        log.warning("plugin folders not read", metadata: ["why": "\(error)"])
      }
    }
  }

  /// Reads the folders on a thread of its own, since a disk may take its time.
  ///
  /// - Returns: The changes of templates.
  @discardableResult
  private func look() async throws -> [WatchedFiles.Change] {
    let edits = try await OwnThread.run(name: "folders") { [self] in
      [
        templates.withLock { $0?.changes() } ?? [], presets.withLock { $0?.changes() } ?? [],
        profiles.withLock { $0?.changes() } ?? [],
      ]
    }
    await host.takePresets(edits[1])
    tryAgain(await host.take(edits[0]), templates)
    tryAgain(await host.takeProfiles(edits[2]), profiles)
    return edits[0]
  }

  /// Has changes that could not be judged reported again.
  private func tryAgain(_ changes: [WatchedFiles.Change], _ files: borrowing Mutex<WatchedFiles?>) {
    files.withLock { files in
      for change in changes { files?.tryAgain(change) }
    }
  }
}

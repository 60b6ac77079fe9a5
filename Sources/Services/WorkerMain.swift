import Concurrency
import Foundation
import Glibc
import Host
import Pipeline
import Plugins

/// The life of a worker process: serve the socket pair; end when the daemon does, however it ends.
public enum WorkerMain {
  /// Never returns: a worker leaves with status 0 when its daemon is gone.
  ///
  /// - Parameter plugins: Libraries that were tried and accepted; one that does not open now is left out.
  public static func run(plugins: [String] = []) async -> Never {
    // Ctrl-C in a terminal is for the daemon.
    signal(SIGINT, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
    // A crash is answered by a fresh worker; a core file of gigabytes helps nobody.
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    standInFrontOfMemoryKiller()
    leaveWhenParentDoes()
    do {
      let recorder = FlightRecorder(descriptor: WorkerProcess.recordDescriptor, lines: plugins.count)
      let plugins = PluginSet(
        plugins.enumerated().compactMap { open($0.element, recorder: recorder?.line($0.offset)) })
      try await WorkerServer(plugins: plugins).run(descriptor: WorkerProcess.socketDescriptor)
    } catch {
      say("\(error)")
      exit(1)
    }
    exit(0)
  }

  private static func open(_ path: String, recorder: FlightRecorder.Line?) -> PluginLibrary? {
    var settings = PluginSettings()
    settings.recorder = recorder
    do throws(PluginError) {
      return try PluginLibrary.open(path, settings: settings)
    } catch {
      say("\(error)")
      return nil
    }
  }

  private static func say(_ line: String) {
    FileHandle.standardError.write(Data("workbenchd worker: \(line)\n".utf8))
  }

  /// When memory runs out the kernel is to end this process, never the daemon: whatever eats it, a plugin perhaps, is
  /// here.
  static func standInFrontOfMemoryKiller() {
    let file = Glibc.open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    _ = write(file, "1000", 4)
  }

  /// A thread that waits for the lifeline to close: the kernel closes it even when the daemon is killed.
  private static func leaveWhenParentDoes() {
    do throws(ThreadError) {
      try OwnThread.detached {
        var byte: UInt8 = 0
        while true {
          let count = read(WorkerProcess.lifelineDescriptor, &byte, 1)
          if count < 0 && errno == EINTR { continue }
          _exit(0)
        }
      }
    } catch {
      _exit(1)
    }
  }
}

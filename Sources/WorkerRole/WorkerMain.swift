import Concurrency
import Glibc
import Pipeline
import Plugins
import RPC
import WorkerProtocol

/// A worker process: serves the socket pair, and ends when the daemon does, even if that is killed.
public enum WorkerMain {
  /// Locks the process in, with `plugins` as the only files that it reads by itself; call it before the second thread.
  public static func prepare(plugins: [String]) {
    // Ctrl-C in a terminal is meant for the daemon.
    signal(SIGINT, SIG_IGN)
    WorkerProcess.limitDamage()
    _ = SandboxMeans.enter(readable: plugins, requests: InheritedDescriptors.requests)
  }

  /// Never returns: a worker exits with status 0 when its daemon is gone.
  ///
  /// - Parameter plugins: Paths of libraries that were tried and accepted; one that no longer opens is left
  ///   out.
  public static func run(plugins: [String] = []) async -> Never {
    leaveWhenParentDoes()
    // Started before anything untrusted is: it looks for networks, which is no attempt of anybody's.
    _ = RPCDiagnostics.coreVersion
    SandboxMeans.tellRefusals()
    do {
      guard let recorder = FlightRecorder(descriptor: InheritedDescriptors.record, lines: plugins.count)
      else {
        say("the record that the daemon shares with it cannot be mapped")
        exit(1)
      }
      try Heart.start(recorder)
      let plugins = PluginSet(
        plugins.enumerated().compactMap { open($0.element, recorder: recorder.line($0.offset)) })
      let server = WorkerServer(plugins: plugins)
      try Heart.watch(server)
      try await server.run(descriptor: InheritedDescriptors.socket)
    } catch {
      say("\(error)")
      exit(1)
    }
    exit(0)
  }

  private static func open(_ path: String, recorder: FlightRecorder.Line?) -> PluginLibrary? {
    var settings = PluginSettings()
    settings.recorder = recorder.map { LineRecorder(line: $0) }
    do throws(PluginError) {
      return try PluginLibrary.open(path, settings: settings)
    } catch {
      say("\(error)")
      return nil
    }
  }

  private static func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// Starts a thread that waits for the lifeline to close, which the kernel does even if the daemon is
  /// killed.
  private static func leaveWhenParentDoes() {
    do throws(ThreadError) {
      try OwnThread.detached(name: "lifeline") { WorkerProcess.waitForLifeline() }
    } catch {
      say("\(error)")
      _exit(1)
    }
  }
}

/// One library's line of the flight recorder.
private struct LineRecorder: CallRecorder {
  let line: FlightRecorder.Line

  func enter() { line.enter() }
  func leave() { line.leave() }
  func noteOpen() { line.noteOpen() }
}

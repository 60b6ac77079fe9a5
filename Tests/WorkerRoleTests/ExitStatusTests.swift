import Plugins
import Runtime
import Testing
import WorkerProtocol

@Suite struct ExitStatusTests {
  @Test("The statuses that the daemon understands are those with which the watchdog ends a process")
  func statuses() {
    #expect(ExitStatus.hungPlugin.rawValue == PluginWatchdog.hangStatus)
    #expect(ExitStatus.corruptingPlugin.rawValue == PluginWatchdog.corruptionStatus)
  }
}

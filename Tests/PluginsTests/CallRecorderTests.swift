import Synchronization
import Testing

@testable import Plugins

@Suite struct CallRecorderTests {
  /// Counts what is under way.
  private final class Counter: CallRecorder {
    let underway = Atomic(0)
    let isOpen = Atomic(false)
    func enter() { underway.add(1, ordering: .relaxed) }
    func leave() { underway.subtract(1, ordering: .relaxed) }
    func noteOpen() { isOpen.store(true, ordering: .relaxed) }
  }

  @Test("A call is on record while it runs: arming a slot enters, disarming leaves") func slot() {
    let counter = Counter()
    let slot = WatchSlot("x", recorder: counter)
    slot.arm(.apply)
    #expect(counter.underway.load(ordering: .relaxed) == 1)
    slot.disarm()
    #expect(counter.underway.load(ordering: .relaxed) == 0)
  }

  @Test("A library is noted as open once its tables have been read, and no call is then under way")
  func opening() throws {
    let counter = Counter()
    var settings = PluginSettings()
    settings.recorder = counter
    let library = try PluginLibrary.open(try Libraries.teachingSampler.get(), settings: settings)
    let isOpen = counter.isOpen.load(ordering: .relaxed)
    #expect(isOpen)
    #expect(counter.underway.load(ordering: .relaxed) == 0)
    #expect(library.samplers.count == 1)
  }
}

import Glibc
import Plugins
import Sampling
import Testing

@Suite("What no error can answer ends the process") struct WatchdogTests {
  @Test("Memory that a plugin corrupted ends the process with a status and a line of its own")
  func endsOnCorruption() async throws {
    let path = try Libraries.inService.get()
    let result = await #expect(
      processExitsWith: .exitCode(PluginWatchdog.corruptionStatus), observing: [\.standardErrorContent]
    ) { [path = path as String] in
      let sampler = try #require(try PluginLibrary.open(path).samplers.first)
      var registry = SamplerRegistry.builtIn
      try sampler.register(in: &registry)
      let stages: [ChainSpecification.Stage] = [.init("in_service", ["mode": .integer(7)])]
      var chain = try SamplerChain(
        ChainSpecification(stages: stages, seed: 1), registry: registry, vocabularySize: 4)
      _ = try [Float](repeating: 0, count: 4).withUnsafeBufferPointer { try chain.sample($0) }
    }
    let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      said.contains(
        "workbench: plugin 'service', sampler 'in_service': apply wrote outside the memory it was lent; "
          + "ending the process"), "\(said)")
  }

  @Test("A call that does not return ends the process, and the line names it") func endsOnHang() async throws
  {
    let path = try Libraries.misbehaving.get()
    let result = await #expect(
      processExitsWith: .exitCode(PluginWatchdog.hangStatus), observing: [\.standardErrorContent]
    ) { [path = path as String] in
      setenv("MISBEHAVIOUR", "apply hangs", 1)
      var settings = PluginSettings()
      settings.watchdog = PluginWatchdog(busyMilliseconds: 60_000, waitingMilliseconds: 3_000)
      let sampler = try #require(try PluginLibrary.open(path, settings: settings).samplers.first)
      var stage = try sampler.makeStage(vocabularySize: 4)
      var candidates = Candidates()
      try [Float](repeating: 0, count: 4).withUnsafeBufferPointer { try candidates.load($0) }
      try stage.apply(to: &candidates)
    }
    let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      said.contains(
        "workbench: plugin 'misbehaving', sampler 'x': apply did not return within 3000 ms; ending the process"
      ),
      "\(said)")
  }
}

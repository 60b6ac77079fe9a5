import Logging
import Runtime
import Sampling
import Testing

@testable import Host

@Suite struct PluginRosterTests {
  private func roster() -> PluginRoster {
    var a = PluginRecord(path: "/p/a.so")
    a.name = "a"
    a.offers = [.init(kind: "sampler", name: "mark", summary: "", nanoseconds: nil)]
    var b = PluginRecord(path: "/p/b.so")
    b.name = "b"
    b.offers = [.init(kind: "template", name: "play", summary: "", nanoseconds: nil)]
    var refused = PluginRecord(path: "/p/c.so")
    refused.refusal = "it is no library"
    return PluginRoster([a, b, refused], log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  @Test("Three workers that died in calls to a library quarantine it, whichever worker; others stay")
  func threeDeaths() throws {
    let roster = roster()
    #expect(roster.usable == ["/p/a.so", "/p/b.so"])
    for _ in 0..<2 {
      #expect(!roster.blame([.init(path: "/p/a.so", isOpening: false)], for: .signal(11)))
      #expect(roster.usable.contains("/p/a.so"))
    }
    roster.blame([], for: .signal(9))
    roster.blame([.init(path: "/p/a.so", isOpening: false)], for: .hungPlugin)
    #expect(roster.usable == ["/p/b.so"])
    let record = try #require(roster.records.first)
    #expect(
      record.deaths == 3
        && record.quarantine
          == "3 workers died while calling it; the last was ended because a plugin's call did not return"
    )
    // Workers that opened it before may still die of it; that changes nothing any more.
    roster.blame([.init(path: "/p/a.so", isOpening: false)], for: .signal(6))
    #expect(roster.records.first == record)
  }

  @Test("A library that cannot be opened is out of the way at once, and the start is worth another try")
  func opening() {
    let roster = roster()
    #expect(roster.blame([.init(path: "/p/b.so", isOpening: true)], for: .signal(6)))
    #expect(roster.usable == ["/p/a.so"])
    #expect(roster.records[1].quarantine == "a worker was ended by signal 6 (SIGABRT) while opening it")
  }

  @Test("What is of a library in quarantine is refused by name, in a request, a preset and a template")
  func refusals() throws {
    let roster = roster()
    var samplers = SamplerNames()
    samplers.stages = ["mark", "top_k"]
    try roster.check(samplers, nil)
    for library in ["a", "b"] {
      roster.blame([.init(path: "/p/\(library).so", isOpening: true)], for: .signal(6))
    }
    let error = #expect(throws: WorkbenchError.self) { try roster.check(samplers, nil) }
    #expect(error?.kind == .failedPrecondition && error?.field == "options.sampling")
    #expect(
      error?.message.hasPrefix("sampler 'mark' belongs to the plugin 'a', which is quarantined ") == true)
    samplers.stages = []
    try roster.check(samplers, nil)
    var preset = SamplerPreset(name: "p", settings: .init(), origin: .plugin)
    preset.settings.chain = [.init("mark")]
    #expect(throws: WorkbenchError.self) { try roster.check(samplers, preset) }
    #expect(throws: WorkbenchError.self) {
      try roster.check(TemplateSource(name: "play", source: "", origin: .library))
    }
    // One of that name that somebody put is not the library's.
    try roster.check(TemplateSource(name: "play", source: "x", origin: .client))
  }
}

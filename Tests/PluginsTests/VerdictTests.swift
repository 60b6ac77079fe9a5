import Plugins
import Testing

@Suite("The report of a trial is read without trust") struct VerdictTests {
  private func verdict(_ report: String, _ end: PluginVerdict.End = .exit(0)) -> PluginVerdict {
    PluginVerdict(report: Array(report.utf8), end: end)
  }

  @Test("Only the whole report of a process that ended well accepts") func accepts() {
    #expect(verdict("{\"accepted\":true}\n").refusal == nil)
    #expect(verdict("").refusal == "it ended the process with status 0 (it began)")
    #expect(verdict("{\"accepted\":true}\n", .signal(11)).refusal == "it crashed with SIGSEGV (it began)")
    #expect(
      verdict("{\"accepted\":true}\n", .exit(3)).refusal == "it ended the process with status 3 (it began)")
    #expect(verdict("{\"refused\":\"no\",\"kind\":\"size\"}\n", .exit(1)).refusal == "no")
    #expect(verdict("{\"refused\":\"no\"}\n{\"accepted\":true}\n").refusal == "no")
  }

  @Test("The last step names the place of a crash") func placesCrashes() {
    let steps =
      "{\"step\":\"open\",\"subject\":\"library\"}\n{\"step\":\"clone\",\"subject\":\"sampler 'x'\"}\n"
    #expect(verdict(steps, .signal(6)).refusal == "it crashed with SIGABRT (sampler 'x': clone)")
    #expect(verdict(steps, .signal(40)).refusal == "it crashed with signal 40 (sampler 'x': clone)")
    #expect(verdict(steps, .exit(97)).refusal == "a call did not return (sampler 'x': clone)")
    #expect(verdict(steps, .exit(98)).refusal == "it corrupted memory (sampler 'x': clone)")
    let late = PluginVerdict.End.timeout(milliseconds: 900)
    #expect(verdict(steps, late).refusal == "it was not done after 900 ms (sampler 'x': clone)")
    #expect(PluginVerdict.End(waitStatus: 0x0B) == .signal(11))
    #expect(PluginVerdict.End(waitStatus: 0x8B) == .signal(11))
    #expect(PluginVerdict.End(waitStatus: 97 << 8) == .exit(97))
  }

  @Test("What a library prints is passed over, whatever it is") func passesOverNoise() {
    let noise = "hello\n{\n{\"step\":5}\n[]\n{\"plugin\":1}\n{\"offers\":{}}\n\u{0}\u{1}\n{\"result\":null}\n"
    let deep = String(repeating: "{\"a\":", count: 100_000) + "\n"
    let read = verdict(noise + deep + "{\"plugin\":\"p\",\"offers\":[1,{}]}\n{\"accepted\":true}\n")
    #expect(read.refusal == nil && read.name == "p")
  }
}

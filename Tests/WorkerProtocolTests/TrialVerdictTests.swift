import Runtime
import SwiftProtobuf
import Testing

@testable import WorkerProtocol

@Suite("The report of a trial is read without trust") struct TrialVerdictTests {
  private func verdict(
    _ events: [WorkerTrialEvent], _ end: TrialVerdict.End = .exit(.status(0))
  ) -> TrialVerdict {
    TrialVerdict(report: events.flatMap { TrialReport.encode($0) }, end: end)
  }

  private func step(_ subject: String, _ name: String) -> WorkerTrialEvent {
    .with {
      $0.step.subject = subject
      $0.step.name = name
    }
  }

  private let accepted = WorkerTrialEvent.with { $0.verdict.refusal = "" }
  private let refused = WorkerTrialEvent.with { $0.verdict.refusal = "no" }

  @Test("Only the whole report of a process that ended well accepts") func accepts() {
    #expect(verdict([accepted]).refusal == nil)
    #expect(verdict([]).refusal == "it exited with status 0 (before its first step)")
    #expect(
      verdict([accepted], .exit(.signal(11))).refusal == "it crashed with SIGSEGV (before its first step)")
    #expect(
      verdict([accepted], .exit(.status(3))).refusal == "it exited with status 3 (before its first step)")
    #expect(verdict([refused], .exit(.status(1))).refusal == "no")
    #expect(verdict([refused, accepted]).refusal == "no")
    #expect(
      verdict([accepted], .tooLong).refusal == "its trial reported more than 16 MiB (before its first step)")
  }

  @Test("The last step names the place of a crash") func placesCrashes() {
    let steps = [step("library", "open"), step("sampler 'x'", "clone")]
    #expect(verdict(steps, .exit(.signal(6))).refusal == "it crashed with SIGABRT (sampler 'x': clone)")
    #expect(verdict(steps, .exit(.signal(40))).refusal == "it crashed with signal 40 (sampler 'x': clone)")
    #expect(verdict(steps, .exit(.hungPlugin)).refusal == "a call did not return (sampler 'x': clone)")
    #expect(verdict(steps, .exit(.corruptingPlugin)).refusal == "it corrupted memory (sampler 'x': clone)")
    #expect(
      verdict(steps, .timeout(.seconds(60))).refusal == "it did not finish within 60 s (sampler 'x': clone)")
    #expect(
      verdict([step("library", "exit")], .exit(.signal(11))).refusal
        == "it crashed with SIGSEGV (when the process ended)")
  }

  @Test("What the library offers comes with what its calls took") func offers() {
    let library = WorkerTrialEvent.with {
      $0.library.name = "p"
      $0.library.version = "2"
      $0.library.offers = [
        .with {
          $0.kind = "sampler"
          $0.name = "x"
        }
      ]
    }
    let timed = WorkerTrialEvent.with {
      $0.result.subject = "sampler 'x'"
      $0.result.property = "cost"
      $0.result.nanoseconds = 120
    }
    let read = verdict([library, timed, accepted])
    #expect(read.name == "p" && read.version == "2" && read.refusal == nil)
    #expect(
      read.offers == [TrialVerdict.Offer(kind: "sampler", name: "x", summary: "", nanoseconds: 120)])
    #expect(read.results == ["sampler 'x': cost: passed"])
  }

  @Test("A report that is cut short, or not one, accepts nothing", arguments: 0..<200)
  func hostileReports(seed: Int) {
    let whole = [step("library", "open"), step("sampler 'x'", "clone"), accepted].flatMap {
      TrialReport.encode($0)
    }
    // Every prefix first, then noise of a linear congruential generator.
    guard seed >= whole.count else {
      #expect(TrialVerdict(report: Array(whole.prefix(seed)), end: .exit(.status(0))).refusal != nil)
      return
    }
    var state = UInt64(seed)
    let noise = (0..<400).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
    #expect(TrialVerdict(report: noise, end: .exit(.status(0))).refusal != nil)
  }

  @Test("Events beyond the limits are not read") func limits() {
    let large = WorkerTrialEvent.with { $0.step.name = String(repeating: "x", count: TrialReport.eventBytes) }
    #expect(TrialReport.encode(large).isEmpty)
    let claims = [UInt8](repeating: 0xff, count: 8)
    #expect(TrialReport.decode(claims).isEmpty)
    let many = [UInt8](repeating: 0, count: 4 * (TrialReport.events + 1))
    #expect(TrialReport.decode(many).count == TrialReport.events)
  }
}

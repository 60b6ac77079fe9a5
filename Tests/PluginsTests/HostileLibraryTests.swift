import Glibc
import SwiftProtobuf
import Testing
import WorkerProtocol

@Suite("A library that does not want to be tried") struct HostileLibraryTests {
  private static let forged: Result<String, any Error> = Result {
    let path = "\(Libraries.folder)/forged"
    try Libraries.write(TrialReport.encode(.with { $0.verdict.refusal = "" }), path)
    return path
  }

  private func verdict(on kind: String, helper: String = "/dev/null") throws -> TrialVerdict {
    try trial(
      Libraries.hostile.get(),
      environment: ["HOSTILE=\(kind)", "FORGED=\(try Self.forged.get())", "HELPER=\(helper)"])
  }

  @Test(
    "It cannot write its own verdict, nor end its process before it has one",
    arguments: [
      "load forges", "load answers", "load exits", "entry forges", "entry answers", "entry exits",
      "create forges", "create answers", "create exits", "apply forges", "apply answers", "apply exits",
      "apply jumps", "apply forges and goes on",
    ])
  func cannotAcceptItself(_ kind: String) throws {
    let verdict = try verdict(on: kind)
    #expect(verdict.refusal != nil, "\(kind): accepted")
  }

  @Test("The same library without a trick is accepted") func twin() throws {
    let verdict = try verdict(on: "nothing")
    #expect(verdict.refusal == nil, "\(verdict.refusal ?? "")")
  }

  @Test(
    "A process that it leaves behind is a reason to refuse it, and ends with the trial",
    arguments: ["load", "entry", "create", "apply"], ["", " that escapes"])
  func leavesNothing(_ place: String, _ how: String) throws {
    let helper = "\(Libraries.folder)/helper.\(place).\(how.count)"
    let verdict = try verdict(on: "\(place) leaves a helper\(how)", helper: helper)
    #expect(verdict.refusal?.contains("running") == true, "\(verdict.refusal ?? "accepted")")
    // It may have been ended before it could note its number.
    let note = String(decoding: Libraries.read(helper), as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard let process = note.first.flatMap({ Int32($0) }) else { return }
    #expect(kill(process, 0) != 0 && errno == ESRCH)
  }
}

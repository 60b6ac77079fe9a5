import Glibc
import Testing

@testable import WorkerProtocol

@Suite("The record of calls under way, shared with another process") struct FlightRecorderTests {
  @Test("What one side writes the other reads; each library has its own line") func shared() throws {
    let ours = try #require(FlightRecorder(lines: 3))
    let theirs = try #require(FlightRecorder(descriptor: dup(ours.descriptor), lines: 3))
    #expect(ours.findings == [FlightRecorder.Finding](repeating: .init(underway: 0, isOpen: false), count: 3))
    let line = try #require(theirs.line(1))
    line.enter()
    line.enter()
    line.noteOpen()
    line.leave()
    #expect(ours.findings[1] == .init(underway: 1, isOpen: true))
    #expect(ours.findings[0].underway == 0 && ours.findings[2] == .init(underway: 0, isOpen: false))
    #expect(ours.beats == 0)
    for beats in 1...3 {
      theirs.beat()
      #expect(ours.beats == beats)
    }
    #expect(ours.findings[1].underway == 1 && ours.findings[2].underway == 0)
    #expect(theirs.line(3) == nil && theirs.line(-1) == nil)
  }

  @Test("A descriptor that is not such a record gives none, and is closed") func foreign() throws {
    let ours = try #require(FlightRecorder(lines: 3))
    #expect(FlightRecorder(descriptor: dup(ours.descriptor), lines: 4) == nil)
    #expect(FlightRecorder(descriptor: open("/dev/null", O_RDWR), lines: 1) == nil)
    #expect(FlightRecorder(descriptor: -1, lines: 1) == nil)
    #expect(FlightRecorder(lines: 0)?.findings == [])
  }
}

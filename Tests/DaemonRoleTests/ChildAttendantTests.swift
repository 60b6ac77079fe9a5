import Concurrency
import Glibc
import Synchronization
import Testing

@testable import DaemonRole

@Suite("A child that is attended to") struct ChildAttendantTests {
  private func events(_ script: String, isSilent: Bool = false) async throws -> [ChildAttendant.Event] {
    let told = Told()
    let process = try ChildProcess(
      executable: "/bin/sh", arguments: ["sh", "-c", script], isSilent: isSilent
    ) { event in told.events.withLock { $0.append(event) } }
    defer { close(process.descriptor) }
    _ = await process.waitForExit()
    await process.attendant?.ended.waitToEnd()
    return told.events.withLock { $0 }
  }

  @Test("What it prints is told by lines, whatever it is, to the last one without a newline")
  func lines() async throws {
    let events = try await events(#"echo one; echo two >&2; echo; printf '\377x\nrest'"#)
    #expect(events == [.line("one"), .line("two"), .line("\u{fffd}x"), .line("rest")])
  }

  @Test("A silent child's output is not told")
  func silence() async throws {
    #expect(try await events("echo one", isSilent: true) == [])
  }

  @Test("Of a child that prints without end a bounded number of lines is told, and that there are more")
  func endless() async throws {
    let events = try await events("i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done 2>/dev/null")
    #expect(events.count <= DaemonLimits.attendedEvents)
    #expect(events.first == .line("0"))
  }

  @Test("A long line is told in pieces")
  func long() async throws {
    let events = try await events("head -c 10000 /dev/zero | tr '\\0' x")
    let lengths = events.map { event in
      if case .line(let line) = event { line.utf8.count } else { -1 }
    }
    #expect(lengths == [4096, 4096, 1808])
  }
}

private final class Told: Sendable {
  let events = Mutex<[ChildAttendant.Event]>([])
}

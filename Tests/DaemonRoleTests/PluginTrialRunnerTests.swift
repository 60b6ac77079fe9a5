import Foundation
import Glibc
import Host
import Logging
import SwiftProtobuf
import TestSupport
import Testing
import WorkerProtocol

@testable import DaemonRole

@Suite("A plugin trial, with a script in the place of the daemon's binary") struct PluginTrialRunnerTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func record(_ script: String) async throws -> PluginRecord {
    let path = try folder.writeProgram("trial", "#!/bin/sh\nexec >/dev/null 2>&1\n\(script)\n")
    return await PluginTrialRunner(launcher: ProcessLauncher(executable: path, log: Logger(label: "test")))
      .tryPlugin("/p/x.so")
  }

  @Test("A trial that reports an acceptance and ends well accepts") func accepted() async throws {
    let event = WorkerTrialEvent.with { $0.verdict.refusal = "" }
    try folder.write("report", TrialReport.encode(event))
    let record = try await record("cat \(folder.file("report")) >&3")
    #expect(record.refusal == nil && record.path == "/p/x.so" && record.isUsable)
  }

  @Test(
    "A trial that crashes, or says nothing, refuses",
    arguments: [
      ("kill -SEGV $$", "SIGSEGV"), ("exit 5", "status 5"), ("exit 0", "status 0"),
      ("exit 97", "did not return"),
      ("echo not a report >&3", "status 0"),
    ])
  func refused(script: String, reason: String) async throws {
    let record = try await record(script)
    #expect(record.refusal?.contains(reason) == true, "\(record.refusal ?? "accepted")")
  }

  @Test("A trial that reports without end is ended") func endless() async throws {
    let record = try await record("exec cat /dev/zero >&3")
    #expect(record.refusal?.contains("16 MiB") == true, "\(record.refusal ?? "accepted")")
  }

  @Test("A cancelled trial is ended, and refuses") func cancelled() async throws {
    let marker = folder.file("running")
    let task = Task { try await record("touch \(marker); exec sleep 3600") }
    while access(marker, F_OK) != 0 { try await Task.sleep(for: .milliseconds(10)) }
    task.cancel()
    #expect(try await task.value.refusal?.contains("SIGKILL") == true)
  }

  @Test("A process that the trial leaves behind does not keep the daemon waiting") func helper() async throws
  {
    let event = WorkerTrialEvent.with { $0.verdict.refusal = "" }
    try folder.write("report", TrialReport.encode(event))
    let pid = folder.file("helper")
    let record = try await record("cat \(folder.file("report")) >&3; sleep 3600 & echo $! > \(pid)")
    #expect(record.refusal == nil, "\(record.refusal ?? "")")
    let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: pid)), as: UTF8.self)
    let helper = try #require(Int32(text.split(separator: "\n").first ?? ""))
    while ProcessState.runs(helper) { try await Task.sleep(for: .milliseconds(10)) }
  }

  @Test("Where the daemon is to stop, no further trial begins") func stopping() async throws {
    let marker = folder.file("begun")
    let path = try folder.writeProgram("trial", "#!/bin/sh\ntouch \(marker)\n")
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await PluginTrialRunner(launcher: ProcessLauncher(executable: path, log: Logger(label: "test")))
        .tryPlugin("/p/x.so")
    }
    #expect(await task.value.refusal == "it was not tried: the daemon is stopping")
    #expect(access(marker, F_OK) != 0)
  }

  @Test("A binary that cannot be started is a refusal that says why") func missing() async {
    let runner = PluginTrialRunner(
      launcher: ProcessLauncher(executable: "/nonexistent", log: Logger(label: "test")))
    #expect(await runner.tryPlugin("/p/x.so").refusal?.contains("could not be tried") == true)
  }
}

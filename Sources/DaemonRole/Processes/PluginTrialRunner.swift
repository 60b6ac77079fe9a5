import Concurrency
import Glibc
import Host
import Runtime
import WorkerProtocol

/// Tries plugin libraries in processes of their own.
struct PluginTrialRunner: PluginTrier {
  /// The time after which a trial is killed: its own limits end it long before, however busy the machine is.
  private static let patience: Duration = .seconds(300)
  private let launcher: ProcessLauncher

  init(launcher: ProcessLauncher = ProcessLauncher()) {
    self.launcher = launcher
  }

  /// Runs a trial to its end and reads its report; cancelling the task ends the trial.
  func tryPlugin(_ path: String) async -> PluginRecord {
    var record = PluginRecord(path: path)
    do {
      // Where the daemon is to stop, no further trial begins.
      try Task.checkCancellation()
      let verdict = try await verdict(on: path)
      record.name = verdict.name
      record.version = verdict.version
      record.summary = verdict.summary
      record.refusal = verdict.refusal
      record.offers = verdict.offers.map {
        .init(kind: $0.kind, name: $0.name, summary: $0.summary, nanoseconds: $0.nanoseconds)
      }
    } catch is CancellationError {
      record.refusal = "it was not tried: the daemon is stopping"
    } catch {
      record.refusal = "it could not be tried: \((error as? WorkbenchError)?.message ?? "\(error)")"
    }
    return record
  }

  private func verdict(on path: String) async throws -> TrialVerdict {
    let process = try launcher.launchTrial(of: path)
    defer { close(process.descriptor) }
    let deadline = Task {
      try await Task.sleep(for: Self.patience)
      process.terminate()
      return true
    }
    defer { deadline.cancel() }
    let report = try await withTaskCancellationHandler {
      try await OwnThread.run(name: "plugin-trial") { Self.read(process) }
    } onCancel: {
      process.terminate()
    }
    deadline.cancel()
    let exit = await process.waitForExit()
    let isLate = await (try? deadline.value) == true
    if report.count > TrialReport.reportBytes { return TrialVerdict(report: report, end: .tooLong) }
    return TrialVerdict(report: report, end: isLate ? .timeout(Self.patience) : .exit(exit))
  }

  /// The trial's report, up to its end; a trial that writes too much is killed.
  private static func read(_ process: ChildProcess) -> [UInt8] {
    var report: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while report.count <= TrialReport.reportBytes {
      let count = block.withUnsafeMutableBytes { Glibc.read(process.descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return report }
      report += block[..<count]
    }
    process.terminate()
    return report
  }
}

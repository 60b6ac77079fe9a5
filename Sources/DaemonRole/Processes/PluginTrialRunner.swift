import Concurrency
import Glibc
import Host
import Runtime
import Synchronization
import WorkerProtocol

/// Tries plugin libraries in processes of their own.
struct PluginTrialRunner: PluginTrier {
  /// The time after which a trial is killed: its own limits end it long before, however busy the machine is.
  private static let patience: Duration = .seconds(300)
  /// How long the report of a trial's attempts may take after its end.
  private static let lastWords: Duration = .seconds(10)
  private let launcher: ProcessLauncher

  init(launcher: ProcessLauncher) {
    self.launcher = launcher
  }

  /// Runs a trial to its end and reads its report; cancelling the task ends the trial.
  func tryPlugin(_ path: String) async -> PluginRecord {
    var record = PluginRecord(path: path)
    let attempts = Attempts()
    do {
      // Where the daemon is to stop, no further trial begins.
      try Task.checkCancellation()
      let verdict = try await verdict(on: path, attempts)
      record.name = verdict.name
      record.version = verdict.version
      record.summary = verdict.summary
      record.refusal = verdict.refusal ?? attempts.first.map { "it tried what no plugin may: \($0)" }
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

  private func verdict(on path: String, _ attempts: Attempts) async throws -> TrialVerdict {
    let process = try launcher.launchTrial(of: path) { attempts.note($0) }
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
    // What a process said before its end is told soon after it; only what it left running could delay that.
    await process.attendant?.ended.wait(atMost: Self.lastWords)
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

/// What a trial's sandbox refused and no plugin may.
private final class Attempts: Sendable {
  private let noted = Mutex<String?>(nil)

  /// The first of them.
  var first: String? { noted.withLock { $0 } }

  /// Reading does not count: libraries look for settings of theirs, and cope without.
  func note(_ what: String) {
    guard !what.hasPrefix("open ") else { return }
    noted.withLock { $0 = $0 ?? what }
  }
}

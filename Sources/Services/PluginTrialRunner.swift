import Concurrency
import Foundation
import Glibc
public import Host
import Plugins
public import Runtime

/// Tries plugin libraries in processes of their own: `workbenchd try-plugin LIBRARY`.
public struct PluginTrialRunner: PluginTrier {
  /// A trial that takes longer is ended.
  private static let patience: Duration = .seconds(60)
  /// A trial that writes more, in bytes, is ended: the daemon keeps the report in memory.
  private static let reportBytes = 16 << 20
  private let executable: String

  /// Starts `executable` (this very binary, usually).
  public init(executable: String = "/proc/self/exe") {
    self.executable = executable
  }

  /// Runs a trial to its end and reads its report.
  public func tryPlugin(_ path: String) async -> PluginRecord {
    var record = PluginRecord(path: path)
    do {
      let (report, end) = try await run(path)
      let verdict = PluginVerdict(report: report, end: end)
      record.name = verdict.name
      record.version = verdict.version
      record.summary = verdict.summary
      record.refusal = verdict.refusal
      record.offers = verdict.offers.map {
        .init(kind: $0.kind, name: $0.name, summary: $0.summary, nanoseconds: $0.nanoseconds)
      }
    } catch let error as WorkbenchError {
      record.refusal = error.message
    } catch {
      record.refusal = "it could not be tried: \(error.localizedDescription)"
    }
    return record
  }

  private func run(_ path: String) async throws -> ([UInt8], PluginVerdict.End) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: executable).resolvingSymlinksInPath()
    process.arguments = ["try-plugin", path]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let identifier = process.processIdentifier
    let impatience = Task {
      try await Task.sleep(for: Self.patience)
      kill(identifier, SIGKILL)
    }
    defer { impatience.cancel() }
    return try await OwnThread.run {
      var report: [UInt8] = []
      while report.count <= Self.reportBytes,
        let part = try output.fileHandleForReading.read(upToCount: 1 << 16), !part.isEmpty
      {
        report += part
      }
      if report.count > Self.reportBytes { kill(identifier, SIGKILL) }
      process.waitUntilExit()
      guard report.count <= Self.reportBytes else {
        throw WorkbenchError(.outOfRange, "it wrote more than \(Self.reportBytes) bytes")
      }
      let status = process.terminationStatus
      return (report, process.terminationReason == .exit ? .exit(status) : .signal(status))
    }
  }
}

/// What the process of a trial does.
public enum PluginTrialMain {
  /// Tries the library and leaves: 0 when it was accepted.
  public static func run(_ path: String) -> Never {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    WorkerMain.standInFrontOfMemoryKiller()
    // Where the report goes, whatever the library does to descriptor 1.
    let report = fcntl(1, F_DUPFD_CLOEXEC, 100)
    let isAccepted = PluginTrial.run(path) { line in
      let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
      _ = bytes.withUnsafeBytes { write(report, $0.baseAddress, $0.count) }
    }
    exit(isAccepted ? 0 : 1)
  }
}

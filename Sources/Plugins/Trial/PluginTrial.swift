import Concurrency
import Glibc
import Sampling

/// Tries a library out: a child process holds it and makes the calls, this one asks for them and checks the answers.
///
/// A library is accepted for what its functions returned. It cannot write the verdict, whatever it does to its own
/// process: it would have to answer every call as a library that passes does. What is not proved that way is the state of
/// its own process (`process`), which that process reports itself.
public struct PluginTrial {
  /// How much the library's process may grow, in bytes of address space.
  public static let addressSpace = 2 << 30
  /// Processor time that a call may use, in milliseconds, by default.
  public static let busyMilliseconds = 5_000
  /// How long a call may last, in milliseconds, by default.
  public static let waitingMilliseconds = 30_000

  private let path: String
  private let process: LibraryProcess
  private let report: (TrialEvent) -> Void

  /// Opens and checks the library at `path`; `report` gets each event as it happens.
  ///
  /// - Parameters:
  ///   - lifeline: A pipe whose end means that nobody waits for the trial any more; -1 for none.
  ///   - kept: A descriptor above 3 that the library's process has too; -1 for none.
  ///   - prepare: Run in the library's process before it is opened.
  /// - Returns: Whether it was accepted.
  public static func run(
    _ path: String, busyMilliseconds: Int = busyMilliseconds, waitingMilliseconds: Int = waitingMilliseconds,
    lifeline: Int32 = -1, kept: Int32 = -1, prepare: @escaping () -> Void = {},
    report: @escaping (TrialEvent) -> Void
  ) -> Bool {
    let patience = LibraryProcess.Patience(
      busyMilliseconds: busyMilliseconds, waitingMilliseconds: waitingMilliseconds)
    let process = LibraryProcess(path, patience: patience, lifeline: lifeline, kept: kept) {
      limitMemory()
      prepare()
    }
    guard let process else {
      report(.verdict(refusal: "no process could be started to try it: \(String(cString: strerror(errno)))"))
      return false
    }
    let trial = PluginTrial(path: path, process: process, report: report)
    let isAccepted = trial.run()
    ChildProcesses.end()
    return isAccepted
  }

  private func run() -> Bool {
    report(.step(subject: "library", name: "open"))
    do throws(LibraryEnd) {
      guard let library = try open() else { return false }
      report(.library(describe(library)))
      let results = try check(library)
      for result in results { report(.result(result)) }
      if let failed = results.first(where: { !$0.passed }) {
        report(.verdict(refusal: "\(failed)"))
        return false
      }
      // What the library's exit handlers do is part of the trial.
      report(.step(subject: "library", name: "exit"))
      let end = process.finish()
      guard end == .ended(waitStatus: 0) else { throw end }
      report(.verdict(refusal: nil))
      return true
    } catch {
      report(.end(error))
      return false
    }
  }

  /// The library as the trial calls it; nil, with the verdict reported, if it is refused.
  private func open() throws(LibraryEnd) -> PluginLibrary? {
    var answer = try process.ask(MessageWriter(.open))
    guard try answer.flag() else {
      report(.verdict(refusal: try answer.text()))
      return nil
    }
    let remote = try RemoteLibrary(&answer, process)
    var settings = PluginSettings()
    settings.corruption = .report
    settings.watchdog = nil
    settings.clock = { [process] in process.callNanoseconds }
    settings.allocatedBytes = { [process] in
      guard var answer = try? process.ask(MessageWriter(.allocated)) else { return 0 }
      return (try? answer.int()) ?? 0
    }
    do throws(PluginError) {
      return try PluginLibrary(ForeignReader(path: path), offer: remote.offer, settings)
    } catch {
      report(.verdict(refusal: error.reason))
      return nil
    }
  }

  private func check(_ library: PluginLibrary) throws(LibraryEnd) -> [ConformanceResult] {
    var results = Conformance.check(library) { subject, property in
      // After the end of the process every call fails; the step that ended it stays the last.
      if process.end == nil { report(.step(subject: subject, name: property.rawValue)) }
    }
    if let end = process.end { throw end }
    report(.step(subject: "library", name: "process"))
    results.append(ConformanceResult("library", .process, failure: try changes().first))
    return results
  }

  /// What the library changed, each as the rest of a sentence about it.
  private func changes() throws(LibraryEnd) -> [String] {
    var answer = try process.ask(MessageWriter(.changes))
    var changes: [String] = []
    for _ in 0..<(try answer.count()) { changes.append(try answer.text()) }
    let own = ChildProcesses.children(of: getpid()).filter { $0 != process.processID }
    let left = ChildProcesses.children(of: process.processID).count + own.count
    if left > 0 { changes.append("left \(left) process\(left == 1 ? "" : "es") running") }
    return changes
  }

  /// Limits the address space, so that an absurd allocation fails instead of exhausting the machine.
  private static func limitMemory() {
    guard let file = fopen("/proc/self/statm", "r") else { return }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 64)
    guard fgets(&buffer, Int32(buffer.count), file) != nil else { return }
    let pages = strtoul(buffer, nil, 10)
    let bytes = rlim_t(pages) &* rlim_t(sysconf(Int32(_SC_PAGESIZE))) &+ rlim_t(addressSpace)
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = min(limit.rlim_max, bytes)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
  }

  private func describe(_ library: PluginLibrary) -> TrialEvent.Library {
    let offers =
      library.samplers.map {
        TrialEvent.Offer(kind: "sampler", name: $0.name, summary: $0.descriptor.summary)
      } + library.templates.map { TrialEvent.Offer(kind: "template", name: $0.name, summary: $0.summary) }
      + library.tokenizers.map { TrialEvent.Offer(kind: "tokenizer", name: $0.name, summary: $0.summary) }
    return TrialEvent.Library(
      name: library.name, version: library.version, summary: library.summary, offers: offers)
  }
}

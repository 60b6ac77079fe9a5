import Glibc
import Sampling

/// Tries a library out, in a process that does nothing else.
public enum PluginTrial {
  /// How much the process may grow while it tries the library, in bytes of address space.
  public static let addressSpace = 2 << 30
  /// How long a call may take before the process ends itself, in milliseconds, by default.
  public static let hangMilliseconds = 5000

  /// Opens and checks the library at `path`; `report` gets each event as it happens.
  ///
  /// - Returns: Whether it was accepted.
  public static func run(
    _ path: String, hangMilliseconds: Int = hangMilliseconds, report: (TrialEvent) -> Void
  ) -> Bool {
    limitMemory()
    var settings = PluginSettings()
    settings.corruption = .report
    let watchdog = PluginWatchdog(milliseconds: hangMilliseconds)
    settings.watchdog = watchdog
    watchdog.prepare()
    let before = ProcessSnapshot.take()
    report(.step(subject: "library", name: "open"))
    let library: PluginLibrary
    do throws(PluginError) {
      library = try PluginLibrary.open(path, settings: settings)
    } catch {
      report(.verdict(refusal: error.reason))
      return false
    }
    report(.library(describe(library)))
    var results = Conformance.check(library) { subject, property in
      report(.step(subject: subject, name: property.rawValue))
    }
    report(.step(subject: "library", name: "process"))
    results.append(ConformanceResult("library", .process, failure: before.changes().first))
    for result in results { report(.result(result)) }
    let failed = results.first { !$0.passed }
    // What the library's exit handlers do is part of the trial.
    report(.step(subject: "library", name: "exit"))
    report(.verdict(refusal: failed.map { "\($0)" }))
    return failed == nil
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

  private static func describe(_ library: PluginLibrary) -> TrialEvent.Library {
    let offers =
      library.samplers.map {
        TrialEvent.Offer(kind: "sampler", name: $0.name, summary: $0.descriptor.summary)
      } + library.templates.map { TrialEvent.Offer(kind: "template", name: $0.name, summary: $0.summary) }
      + library.tokenizers.map { TrialEvent.Offer(kind: "tokenizer", name: $0.name, summary: $0.summary) }
    return TrialEvent.Library(
      name: library.name, version: library.version, summary: library.summary, offers: offers)
  }
}

import Glibc
import Jinja
import Sampling

/// Tries a library out, in a process that does nothing else.
///
/// It reports every step before it takes it, as a line of JSON, so that the process that started this one can say what the
/// library was doing when it crashed (`PluginVerdict`).
public enum PluginTrial {
  /// How much the process may grow while it tries the library, in bytes of address space.
  public static let addressSpace = 2 << 30
  /// How long a call may take before the process ends itself, in milliseconds, by default.
  public static let hangMilliseconds = 5000

  /// Opens and checks the library at `path`; `line` is given the report, line by line, without line breaks.
  ///
  /// - Returns: Whether it was accepted.
  public static func run(
    _ path: String, hangMilliseconds: Int = hangMilliseconds, line: (String) -> Void
  ) -> Bool {
    limitMemory()
    var settings = PluginSettings()
    settings.corruption = .report
    let watchdog = PluginWatchdog(milliseconds: hangMilliseconds)
    settings.watchdog = watchdog
    watchdog.prepare()
    let before = ProcessSnapshot.take()
    line(text(["step": "open", "subject": "library"]))
    let library: PluginLibrary
    do throws(PluginError) {
      library = try PluginLibrary.open(path, settings: settings)
    } catch {
      line(text(["refused": .string(error.reason), "kind": .string(error.kind.rawValue)]))
      return false
    }
    line(text(describe(library)))
    var results = Conformance.check(library) { subject, property in
      line(text(["step": .string(property.rawValue), "subject": .string(subject)]))
    }
    line(text(["step": "process", "subject": "library"]))
    let changes = before.changes()
    results.append(ConformanceResult("library", .process, failure: changes.first))
    for result in results { line(text(describe(result))) }
    let failed = results.first { !$0.passed }
    // The library's exit handlers are part of the trial.
    line(text(["step": "exit", "subject": "library"]))
    line(
      text(
        failed.map { ["refused": .string("\($0)"), "kind": .string($0.property.rawValue)] } ?? [
          "accepted": true
        ]))
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

  private static func describe(_ library: PluginLibrary) -> Value {
    var offers: [Value] = []
    for sampler in library.samplers {
      offers.append(
        [
          "kind": "sampler", "name": .string(sampler.name), "summary": .string(sampler.descriptor.summary),
        ])
    }
    for template in library.templates {
      offers.append(
        ["kind": "template", "name": .string(template.name), "summary": .string(template.summary)])
    }
    for tokenizer in library.tokenizers {
      offers.append(
        ["kind": "tokenizer", "name": .string(tokenizer.name), "summary": .string(tokenizer.summary)])
    }
    return [
      "plugin": .string(library.name), "version": .string(library.version),
      "summary": .string(library.summary), "offers": .list(offers),
    ]
  }

  private static func describe(_ result: ConformanceResult) -> Value {
    [
      "result": .string(result.property.rawValue), "subject": .string(result.subject),
      "failure": result.failure.map { .string($0) } ?? Value.none,
      "nanoseconds": result.nanoseconds.map { .int(Int(clamping: $0)) } ?? Value.none,
    ]
  }

  private static func text(_ value: Value) -> String {
    var bytes: [UInt8] = []
    value.appendJSON(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

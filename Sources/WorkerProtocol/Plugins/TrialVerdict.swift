import Glibc
import Jinja

/// What a trial in another process came to: read from what that process wrote and how it ended.
public struct PluginVerdict: Sendable, Equatable {
  /// How the process of a trial ended.
  public enum End: Sendable, Equatable {
    /// By itself, with a status.
    case exit(Int32)
    /// By a signal.
    case signal(Int32)
    /// It took too long and was ended.
    case timeout(milliseconds: Int)

    /// Reads what `waitpid` gave.
    public init(waitStatus status: Int32) {
      let signal = status & 0x7F
      self = signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
    }
  }

  /// Something that the library offers.
  public struct Offer: Sendable, Equatable {
    /// "sampler", "template" or "tokenizer".
    public var kind: String
    /// Its name.
    public var name: String
    /// What it is, in one line.
    public var summary: String
    /// What a call took in the trial, in nanoseconds.
    public var nanoseconds: UInt64?
  }

  /// What the library calls itself; empty if it never said.
  public private(set) var name = ""
  /// Its version.
  public private(set) var version = ""
  /// What it is, in one line.
  public private(set) var summary = ""
  /// What it offers.
  public private(set) var offers: [Offer] = []
  /// What each check found.
  public private(set) var results: [String] = []
  /// Why it is refused; nil when it is accepted.
  public private(set) var refusal: String?

  /// Reads the report of a trial; anything unexpected in it is a reason to refuse.
  ///
  /// Lines that are no JSON objects are the library's own output and are passed over.
  public init(report: [UInt8], end: End) {
    var step = "it began"
    var accepted = false
    for line in report.split(separator: UInt8(ascii: "\n")).prefix(Self.lines) {
      guard line.first == UInt8(ascii: "{"), line.count <= Self.lineBytes,
        let value = try? Value(json: String(decoding: line, as: UTF8.self))
      else { continue }
      if let what = value["step"]?.text, let subject = value["subject"]?.text {
        step = subject == "library" ? (Self.steps[what] ?? what) : "\(subject): \(what)"
      }
      if let reason = value["refused"]?.text, refusal == nil { refusal = reason }
      if value["accepted"] == .bool(true) { accepted = true }
      if let name = value["plugin"]?.text { describe(name, value) }
      if value["result"] != nil { note(value) }
    }
    switch end {
    case .exit(0) where accepted && refusal == nil: break
    case .exit(PluginWatchdog.hangStatus): refusal = "a call did not return (\(step))"
    case .exit(PluginWatchdog.corruptionStatus): refusal = "it corrupted memory (\(step))"
    case .exit(let status): refusal = refusal ?? "it ended the process with status \(status) (\(step))"
    case .signal(let signal): refusal = "it crashed with \(Self.name(of: signal)) (\(step))"
    case .timeout(let milliseconds): refusal = "it was not done after \(milliseconds) ms (\(step))"
    }
  }

  private static let lines = 10_000
  private static let lineBytes = 1 << 20
  private static let steps = [
    "open": "while it was opened", "process": "after its checks", "exit": "when the process ended",
  ]

  private mutating func describe(_ name: String, _ value: Value) {
    self.name = name
    version = value["version"]?.text ?? ""
    summary = value["summary"]?.text ?? ""
    guard case .list(let items) = value["offers"] else { return }
    offers = items.map { item in
      Offer(
        kind: item["kind"]?.text ?? "", name: item["name"]?.text ?? "", summary: item["summary"]?.text ?? "")
    }
  }

  private mutating func note(_ value: Value) {
    let (subject, property) = (value["subject"]?.text ?? "", value["result"]?.text ?? "")
    results.append("\(subject): \(property): \(value["failure"]?.text ?? "passed")")
    guard case .int(let nanoseconds) = value["nanoseconds"] else { return }
    for index in offers.indices where "\(offers[index].kind) '\(offers[index].name)'" == subject {
      offers[index].nanoseconds = UInt64(clamping: nanoseconds)
    }
  }

  private static func name(of signal: Int32) -> String {
    let names: [Int32: String] = [
      SIGSEGV: "SIGSEGV", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGILL: "SIGILL",
      SIGKILL: "SIGKILL", SIGTERM: "SIGTERM", SIGTRAP: "SIGTRAP", SIGPIPE: "SIGPIPE", SIGSYS: "SIGSYS",
    ]
    return names[signal] ?? "signal \(signal)"
  }
}

extension Value {
  fileprivate var text: String? {
    if case .string(let text, _) = self { text } else { nil }
  }
}

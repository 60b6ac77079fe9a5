public import Runtime

/// The result of a plugin trial, from the report of its process and how that ended.
public struct TrialVerdict: Sendable, Equatable {
  /// How the process of a trial ended.
  public enum End: Sendable, Equatable {
    /// By itself, or by a signal that the daemon did not send.
    case exit(WorkerExit)
    /// It took too long and was killed.
    case timeout(Duration)
    /// It reported more than `TrialReport.reportBytes` and was killed.
    case tooLong
  }

  /// A sampler, template or tokenizer that the library offers.
  public struct Offer: Sendable, Equatable {
    /// "sampler", "template" or "tokenizer".
    public var kind: String
    /// How requests name it.
    public var name: String
    /// One-line description.
    public var summary: String
    /// Time of a call in the trial, in nanoseconds; nil if it was not timed.
    public var nanoseconds: UInt64?
  }

  /// The name that the library gives itself; empty if it gave none.
  public private(set) var name = ""
  /// Its own version.
  public private(set) var version = ""
  /// One-line description.
  public private(set) var summary = ""
  /// What it offers.
  public private(set) var offers: [Offer] = []
  /// The outcome of each check, one line each.
  public private(set) var results: [String] = []
  /// Why it is refused; nil when it is accepted.
  public private(set) var refusal: String?

  /// The step that was under way when the report ended.
  private var step = "before its first step"
  private var isAccepted = false

  /// Reads the report of a trial; anything unexpected in it is a reason to refuse.
  public init(report: [UInt8], end: End) {
    for event in TrialReport.decode(report) { note(event) }
    switch end {
    case .exit(.status(0)) where isAccepted && refusal == nil: break
    case .exit(let exit): refusal = refusal ?? sentence(on: exit)
    case .timeout(let limit): refusal = "it did not finish within \(limit.components.seconds) s (\(step))"
    case .tooLong: refusal = "its trial reported more than \(TrialReport.reportBytes >> 20) MiB (\(step))"
    }
  }

  /// How a process ended too early, and during which step.
  private func sentence(on exit: WorkerExit) -> String {
    switch exit {
    case .hungPlugin: "a call did not return (\(step))"
    case .corruptingPlugin: "it corrupted memory (\(step))"
    case .status(let status): "it exited with status \(status) (\(step))"
    case .signal(let signal): "it crashed with \(WorkerExit.name(ofSignal: signal)) (\(step))"
    // A trial has no model: the library has taken a worker's status.
    case .changedFile: "it exited with status \(ExitStatus.changedFile.rawValue) (\(step))"
    case .stuckEngine: "it exited with status \(ExitStatus.stuckEngine.rawValue) (\(step))"
    case .stopped: "it stopped (\(step))"
    }
  }

  private static let steps = [
    "open": "while it was opened", "process": "after its checks", "exit": "when the process ended",
  ]

  private mutating func note(_ event: WorkerTrialEvent) {
    switch event.event {
    case .step(let value):
      step =
        value.subject == "library"
        ? Self.steps[value.name] ?? value.name : "\(value.subject): \(value.name)"
    case .library(let value):
      name = value.name
      version = value.version
      summary = value.summary
      offers = value.offers.map { Offer(kind: $0.kind, name: $0.name, summary: $0.summary) }
    case .result(let value): note(value)
    case .end(let value):
      refusal = refusal ?? sentence(on: value.hung ? .hungPlugin : WorkerExit(waitStatus: value.waitStatus))
    case .verdict(let value):
      if value.refusal.isEmpty { isAccepted = true } else { refusal = refusal ?? value.refusal }
    case nil: break
    }
  }

  private mutating func note(_ result: WorkerTrialEvent.Result) {
    let outcome = result.failure.isEmpty ? "passed" : result.failure
    results.append("\(result.subject): \(result.property): \(outcome)")
    guard result.hasNanoseconds else { return }
    for index in offers.indices where "\(offers[index].kind) '\(offers[index].name)'" == result.subject {
      offers[index].nanoseconds = result.nanoseconds
    }
  }
}

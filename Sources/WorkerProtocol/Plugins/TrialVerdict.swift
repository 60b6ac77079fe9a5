public import Runtime

/// What a plugin trial came to: read from what its process reported and how it ended.
public struct TrialVerdict: Sendable, Equatable {
  /// How the process of a trial ended.
  public enum End: Sendable, Equatable {
    /// By itself, or by a signal that was not ours.
    case exit(WorkerExit)
    /// It took too long and was ended.
    case timeout(Duration)
    /// It reported more than `TrialReport.reportBytes` and was ended.
    case tooLong
  }

  /// Something that the library offers.
  public struct Offer: Sendable, Equatable {
    /// "sampler", "template" or "tokenizer".
    public var kind: String
    /// How requests name it.
    public var name: String
    /// One line on what it is.
    public var summary: String
    /// What a call took in the trial, in nanoseconds; nil: it was not timed.
    public var nanoseconds: UInt64?
  }

  /// What the library calls itself; empty if it never said.
  public private(set) var name = ""
  /// Its own version.
  public private(set) var version = ""
  /// One line on what it is.
  public private(set) var summary = ""
  /// What it offers.
  public private(set) var offers: [Offer] = []
  /// What each check found, one line each.
  public private(set) var results: [String] = []
  /// Why it is refused; nil when it is accepted.
  public private(set) var refusal: String?

  /// The step that was under way when the report ended.
  private var step = "it began"
  private var isAccepted = false

  /// Reads the report of a trial; anything unexpected in it is a reason to refuse.
  public init(report: [UInt8], end: End) {
    for event in TrialReport.decode(report) { note(event) }
    switch end {
    case .exit(.status(0)) where isAccepted && refusal == nil: break
    case .exit(.hungPlugin): refusal = "a call did not return (\(step))"
    case .exit(.corruptingPlugin): refusal = "it corrupted memory (\(step))"
    case .exit(.status(let status)):
      refusal = refusal ?? "it ended the process with status \(status) (\(step))"
    case .exit(.signal(let signal)):
      refusal = "it crashed with \(WorkerExit.name(ofSignal: signal)) (\(step))"
    case .timeout(let limit): refusal = "it was not done after \(limit.components.seconds) s (\(step))"
    case .tooLong: refusal = "its trial reported more than \(TrialReport.reportBytes >> 20) MiB (\(step))"
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

import Glibc
import Plugins
import WorkerProtocol

/// A plugin trial: checks one library, which a child process of it holds, then exits.
public enum PluginTrialMain {
  /// Tries the library, reports to the inherited socket, and exits with status 0 when it was accepted.
  ///
  /// The library's process is locked in, with the library as the only file that it reads by itself.
  public static func run(_ path: String) -> Never {
    let requests = InheritedDescriptors.requests
    run(
      path, descriptor: InheritedDescriptors.socket, busyMilliseconds: PluginTrial.busyMilliseconds,
      waitingMilliseconds: PluginTrial.waitingMilliseconds, lifeline: InheritedDescriptors.lifeline,
      kept: requests
    ) {
      _ = SandboxMeans.enter(readable: [path], requests: requests)
      SandboxMeans.tellRefusals()
    }
  }

  /// Tries the library, reports to `descriptor`, and exits with status 0 when it was accepted.
  ///
  /// - Parameters:
  ///   - busyMilliseconds: Processor time that a call may use.
  ///   - waitingMilliseconds: How long a call may last.
  ///   - lifeline: A pipe whose end means that nobody waits for the report any more; -1 for none.
  ///   - kept: A descriptor above 3 that the library's process has too; -1 for none.
  ///   - prepare: Run in the library's process, which has one thread, before the library is opened.
  package static func run(
    _ path: String, descriptor: Int32, busyMilliseconds: Int, waitingMilliseconds: Int, lifeline: Int32 = -1,
    kept: Int32 = -1, prepare: @escaping () -> Void = {}
  ) -> Never {
    // A daemon that is gone must not end the trial before it has ended the library's process.
    signal(SIGPIPE, SIG_IGN)
    let isAccepted = PluginTrial.run(
      path, busyMilliseconds: busyMilliseconds, waitingMilliseconds: waitingMilliseconds, lifeline: lifeline,
      kept: kept,
      prepare: {
        WorkerProcess.limitDamage()
        prepare()
      }
    ) { event in
      let bytes = TrialReport.encode(WorkerTrialEvent(event))
      _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }
    exit(isAccepted ? 0 : 1)
  }
}

extension WorkerTrialEvent {
  fileprivate init(_ event: TrialEvent) {
    self.init()
    switch event {
    case .step(let subject, let name):
      step.subject = subject
      step.name = name
    case .library(let facts):
      library.name = facts.name
      library.version = facts.version
      library.summary = facts.summary
      library.offers = facts.offers.map { offer in
        var message = WorkerTrialEvent.Offer()
        message.kind = offer.kind
        message.name = offer.name
        message.summary = offer.summary
        return message
      }
    case .result(let value):
      result.subject = value.subject
      result.property = value.property.rawValue
      result.failure = value.failure ?? ""
      if let nanoseconds = value.nanoseconds { result.nanoseconds = nanoseconds }
    case .end(.ended(let status)): end.waitStatus = status
    case .end(.hung): end.hung = true
    case .end(.incomprehensible): verdict.refusal = "it wrote to the descriptor of its trial"
    case .verdict(let refusal):
      verdict.refusal = refusal ?? ""
    }
  }
}

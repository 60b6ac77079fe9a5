import Glibc
import Plugins
import WorkerProtocol

/// The process of a plugin trial: opens and checks one library, then exits.
public enum PluginTrialMain {
  /// Locks the process in, with the library as the only file that it reads by itself; call it before the second thread.
  public static func prepare(_ path: String) {
    WorkerProcess.limitDamage()
    _ = SandboxMeans.enter(readable: [path], requests: InheritedDescriptors.requests)
  }

  /// Tries the library, reports to the inherited socket, and exits with status 0 when it was accepted.
  public static func run(_ path: String) -> Never {
    run(path, descriptor: InheritedDescriptors.socket, hangMilliseconds: PluginTrial.hangMilliseconds)
  }

  /// Tries the library, reports to `descriptor`, and exits with status 0 when it was accepted.
  ///
  /// - Parameter hangMilliseconds: How long a call may take.
  package static func run(_ path: String, descriptor: Int32, hangMilliseconds: Int) -> Never {
    SandboxMeans.tellRefusals()
    // A duplicate with a high number, in case the library closes or reuses low ones.
    let report = fcntl(descriptor, F_DUPFD_CLOEXEC, 100)
    let isAccepted = PluginTrial.run(path, hangMilliseconds: hangMilliseconds) { event in
      let bytes = TrialReport.encode(WorkerTrialEvent(event))
      _ = bytes.withUnsafeBytes { write(report, $0.baseAddress, $0.count) }
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
    case .verdict(let refusal):
      verdict.refusal = refusal ?? ""
    }
  }
}

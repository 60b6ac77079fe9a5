import CGRPC
import Synchronization

/// Where lines for an operator go: the core's errors, and handlers' errors that are hidden from callers.
public enum Log {
  private static let sink = Mutex<(@Sendable (String) -> Void)?>(nil)

  /// Sends every later line to `handler`, which may be called on any thread and must not block for long.
  ///
  /// Without a handler lines are dropped.
  public static func setHandler(_ handler: (@Sendable (String) -> Void)?) {
    sink.withLock { $0 = handler }
  }

  static func write(_ line: String) {
    sink.withLock { $0 }?(line)
  }
}

/// The gRPC core: started once, at first use, and never stopped.
enum Library {
  /// Touch it before any other call into the core.
  static let started: Void = cgrpc_library_start { file, line, message in
    guard let message else { return }
    let name = file.map { String(cString: $0) }?.split(separator: "/").last ?? ""
    Log.write("grpc \(name):\(line): \(String(cString: message))")
  }
}

/// Counters for leak tests and status pages.
public enum RPCDiagnostics {
  /// Sides of calls, clients' and servers', that exist in this process.
  public static var liveCalls: Int {
    Int(cgrpc_library_get_counts().calls) + InProcessCall.liveSides.load(ordering: .relaxed)
  }
  /// Batches under way in the core; servers keep `Limits.postedRequests` more, counted in `postedRequests`.
  public static var liveOperations: Int { Operation.live.load(ordering: .relaxed) - postedRequests }
  /// Requests for the next call that servers have posted.
  public static var postedRequests: Int { Int(cgrpc_library_get_counts().incoming) }
  /// Messages that exist on their way to or from the core.
  public static var liveMessages: Int { Int(cgrpc_library_get_counts().messages) }
  /// Servers and channels that exist.
  public static var liveEndpoints: Int {
    let counts = cgrpc_library_get_counts()
    return Int(counts.servers + counts.channels)
  }
  /// Version of the gRPC core, such as `29.0.0`.
  public static var coreVersion: String {
    Library.started
    return String(cString: cgrpc_library_get_version())
  }
}

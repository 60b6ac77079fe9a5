public import Concurrency
import Glibc
public import Logging

/// The log of a process: what swift-log's loggers write to.
public struct ProcessLog: Sendable {
  private let queue: LogQueue
  private let format: LogFormat
  private let level: Logger.Level

  /// A log that writes to `descriptor`.
  ///
  /// - Throws: `ThreadError` when the system refuses the thread that writes.
  public init(
    to descriptor: Int32, format: LogFormat, level: Logger.Level
  ) throws(ThreadError) {
    self.format = format
    self.level = level
    queue = try LogQueue(to: descriptor) { lost in
      LogLine(
        level: .warning, message: lost == 1 ? "a log line was lost" : "log lines were lost",
        metadata: ["lost": .stringConvertible(lost)]
      ).bytes(format)
    }
  }

  /// A logger of this log.
  public func logger(_ label: String) -> Logger {
    Logger(label: label, factory: { _ in QueueLogHandler(queue: queue, format: format, logLevel: level) })
  }

  /// Lines that were lost since the start.
  public var lost: Int { queue.lost }

  /// Writes why `program` fails, and waits for that as `flush` does; text has no time, since a person has just
  /// started it.
  public func fail(_ program: String, _ message: String) async {
    queue.add(Self.failure(program, message, format))
    await flush()
  }

  /// Writes why `program` fails to standard error, without a thread; a reader that does not read is not waited for.
  public static func failAtOnce(_ program: String, _ message: String, _ format: LogFormat) {
    let line = failure(program, message, format)
    var watched = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    guard poll(&watched, 1, 0) == 1, line.count <= Int(PIPE_BUF) else { return }
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private static func failure(_ program: String, _ message: String, _ format: LogFormat) -> [UInt8] {
    switch format {
    case .text: Array("\(program): \(message)\n".utf8)
    case .json: LogLine(level: .critical, message: message, metadata: [:]).bytes(.json)
    }
  }

  /// Returns when every line has been written or lost, or after `Limits.lastLines`.
  public func flush() async { await queue.flush() }
}

/// Passes lines to a queue.
private struct QueueLogHandler: LogHandler {
  let queue: LogQueue
  let format: LogFormat
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var fields = metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 })
    if let error = event.error, fields["error"] == nil { fields["error"] = "\(error)" }
    queue.add(LogLine(level: event.level, message: "\(event.message)", metadata: fields).bytes(format))
  }
}

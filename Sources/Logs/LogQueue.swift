public import Concurrency
import Glibc
import Synchronization

/// Lines on their way to a descriptor, which a thread of their own writes.
///
/// Adding a line never waits. What does not fit, or cannot be written, is lost and counted; once lines can be
/// written again, one of them says how many were lost.
public final class LogQueue: Sendable {
  private struct State {
    var waiting: [[UInt8]] = []
    var waitingBytes = 0
    var lost = 0
    /// Whether the thread has lines that it took from `waiting`.
    var isWriting = false
    /// Who waits until everything has been written.
    var flushes: [OneShot<Bool>] = []
  }

  private let state = Mutex(State())
  private let bell = Doorbell()
  private let descriptor: Int32
  private let notice: @Sendable (_ lost: Int) -> [UInt8]

  /// A queue of lines for `descriptor`, which stays open as long as the process lives.
  ///
  /// - Parameter notice: The line that says how many lines were lost.
  /// - Throws: `ThreadError` when the system refuses another thread.
  public init(
    to descriptor: Int32, notice: @escaping @Sendable (_ lost: Int) -> [UInt8]
  ) throws(ThreadError) {
    self.descriptor = descriptor
    self.notice = notice
    try OwnThread.detached(name: "log") { self.run() }
  }

  /// Lines that were lost since the start.
  public var lost: Int { state.withLock { $0.lost } }

  /// Adds a line, which ends with a newline, or counts it as lost.
  public func add(_ line: [UInt8]) {
    state.withLock { state in
      guard state.waiting.count < Limits.waitingLines,
        state.waitingBytes + line.count <= Limits.waitingBytes
      else {
        state.lost += 1
        return
      }
      state.waiting.append(line)
      state.waitingBytes += line.count
    }
    bell.ring()
  }

  /// Returns when every line has been written or lost, or when the time is up.
  public func flush(atMost time: Duration = Limits.lastLines) async {
    let written = OneShot<Bool>()
    state.withLock { state in
      if state.waiting.isEmpty, !state.isWriting {
        _ = written.resolve(true)
        return
      }
      state.flushes.append(written)
    }
    _ = await written.wait(atMost: time)
  }

  // MARK: The thread

  private func run() {
    var output = LineOutput(descriptor: descriptor)
    var reported = 0
    while true {
      bell.wait()
      while let lines = take() {
        for line in lines {
          report(&reported, &output)
          if !output.write(line) { state.withLock { $0.lost += 1 } }
        }
        report(&reported, &output)
      }
    }
  }

  /// The lines that wait; nil, after telling those who wait for that, when there are none.
  private func take() -> [[UInt8]]? {
    let (lines, flushes) = state.withLock { state -> ([[UInt8]]?, [OneShot<Bool>]) in
      state.isWriting = !state.waiting.isEmpty
      guard state.isWriting else {
        defer { state.flushes = [] }
        return (nil, state.flushes)
      }
      defer {
        state.waiting = []
        state.waitingBytes = 0
      }
      return (state.waiting, [])
    }
    for flush in flushes { flush.resolve(true) }
    return lines
  }

  private func report(_ reported: inout Int, _ output: inout LineOutput) {
    let lost = lost
    if lost > reported, output.write(notice(lost - reported)) { reported = lost }
  }
}

/// A descriptor that takes whole lines.
private struct LineOutput {
  let descriptor: Int32
  /// Whether the last line was cut by a failure, so that the next one must begin with a newline.
  private var isCut = false

  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Writes a line, and waits as long as its reader takes; false when it cannot be written.
  mutating func write(_ line: [UInt8]) -> Bool {
    let bytes = isCut ? [UInt8(ascii: "\n")] + line : line
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if count > 0 {
        written += count
      } else if count < 0, errno == EINTR {
        continue
      } else if count < 0, errno == EAGAIN {
        // Somebody else made the descriptor non-blocking, which holds for everybody who shares it.
        var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&watched, 1, -1)
      } else {
        isCut = isCut ? written != 1 : written > 0
        return false
      }
    }
    isCut = false
    return true
  }
}

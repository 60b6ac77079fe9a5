import CWorkbenchPlugin
import Glibc

/// The process that holds a library during its trial: a child that makes the calls which this process asks for.
///
/// All checks are made here, on what comes back, so that nothing the library does to its own process can pass for a
/// check. It is found to have ended by waiting for it, not by the end of its socket, which others may have inherited.
///
/// `@unchecked Sendable`: used by the one thread of a trial.
final class LibraryProcess: @unchecked Sendable {
  /// How long a request may take.
  struct Patience {
    /// Processor time of the library's process, in milliseconds.
    var busyMilliseconds: Int
    /// Time in all, in milliseconds.
    var waitingMilliseconds: Int
  }

  private static let tickMilliseconds: Int32 = 20

  let processID: Int32
  /// Processor time that the library has used in calls, in nanoseconds, as its process reports it.
  private(set) var callNanoseconds: UInt64 = 0
  /// The clock of the processor time that the process has used, as the kernel counts it.
  private let clock: clockid_t
  /// How it ended; nil while it runs.
  private(set) var end: LibraryEnd?
  private let descriptor: Int32
  private let lifeline: Int32
  private let patience: Patience
  private var sequence: UInt64 = 0

  /// Starts the process; nil when the system has no process or descriptor left.
  ///
  /// - Parameters:
  ///   - lifeline: A pipe whose end means that nobody waits for the trial any more; -1 for none.
  ///   - kept: A descriptor above 3 that the new process has too; -1 for none.
  ///   - prepare: Run in the new process before the library is opened.
  init?(_ path: String, patience: Patience, lifeline: Int32, kept: Int32, prepare: @escaping () -> Void) {
    let body = Unmanaged.passRetained(Body(path: path, prepare: prepare))
    defer { body.release() }
    var descriptor: Int32 = -1
    let child = wb_start_child(
      &descriptor, kept,
      { descriptor, context in
        guard let context else { return }
        let body = Unmanaged<Body>.fromOpaque(context).takeUnretainedValue()
        body.prepare()
        LibraryServer(path: body.path, descriptor: descriptor).run()
      }, body.toOpaque())
    guard child > 0 else { return nil }
    processID = child
    self.descriptor = descriptor
    self.lifeline = lifeline
    self.patience = patience
    var clock = clockid_t()
    self.clock = clock_getcpuclockid(child, &clock) == 0 ? clock : CLOCK_MONOTONIC
  }

  private final class Body {
    let path: String
    let prepare: () -> Void

    init(path: String, prepare: @escaping () -> Void) {
      self.path = path
      self.prepare = prepare
    }
  }

  deinit {
    stop()
    close(descriptor)
  }

  /// Sends a request and returns its answer; after the first failure there is no other.
  func ask(_ request: MessageWriter) throws(LibraryEnd) -> MessageReader {
    if let end { throw end }
    do throws(LibraryEnd) {
      return try exchange(request)
    } catch {
      fail(error)
      throw error
    }
  }

  /// Notes why the process is of no use any more, and ends it.
  func fail(_ reason: LibraryEnd) {
    if end == nil { end = reason }
    stop()
  }

  /// Asks the process to end, and waits until it has; the library's exit handlers run.
  func finish() -> LibraryEnd {
    if let end { return end }
    do throws(LibraryEnd) {
      sequence &+= 1
      try send(frame(MessageWriter(.exit)))
      var watch = Watch(self)
      while true {
        try watch.wait(for: 0)
        if let status = endedStatus() { return .ended(waitStatus: status) }
      }
    } catch {
      fail(error)
      return error
    }
  }

  private func stop() {
    guard reaped == nil else { return }
    kill(processID, SIGKILL)
    var status: Int32 = 0
    while waitpid(processID, &status, 0) < 0, errno == EINTR {}
    reaped = status
  }

  /// The status with which the process ended; nil while it runs.
  private var reaped: Int32?

  private func endedStatus() -> Int32? {
    if let reaped { return reaped }
    var status: Int32 = 0
    if waitpid(processID, &status, WNOHANG) == processID { reaped = status }
    return reaped
  }

  // MARK: Frames

  private func frame(_ message: MessageWriter) -> [UInt8] {
    var head = MessageWriter()
    head.add(message.bytes.count)
    head.add(sequence)
    return head.bytes + message.bytes
  }

  private func exchange(_ request: MessageWriter) throws(LibraryEnd) -> MessageReader {
    sequence &+= 1
    var watch = Watch(self)
    try send(frame(request), &watch)
    var head = MessageReader(try receive(24, &watch))
    let count = try head.number()
    guard try head.number() == sequence, count <= UInt64(Limits.answerBytes) else { throw .incomprehensible }
    let spent = try head.number()
    defer { callNanoseconds = spent }
    return MessageReader(try receive(Int(count), &watch))
  }

  private func send(_ bytes: [UInt8]) throws(LibraryEnd) {
    var watch = Watch(self)
    try send(bytes, &watch)
  }

  private func send(_ bytes: [UInt8], _ watch: inout Watch) throws(LibraryEnd) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(
          descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent,
          Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else {
        // Broken pipe: the process has ended or is about to.
        try watch.wait(for: errno == EAGAIN ? POLLOUT : 0)
        if let status = endedStatus() { throw .ended(waitStatus: status) }
      }
    }
  }

  private func receive(_ count: Int, _ watch: inout Watch) throws(LibraryEnd) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var received = 0
    while received < count {
      // Before reading: what an ended process has written is all there.
      let status = endedStatus()
      let found = bytes.withUnsafeMutableBytes {
        recv(
          descriptor, $0.baseAddress.map { $0 + received }, count - received, Int32(MSG_DONTWAIT))
      }
      if found > 0 {
        received += found
        continue
      }
      if let status { throw .ended(waitStatus: status) }
      try watch.wait(for: found < 0 && errno == EAGAIN ? POLLIN : 0)
    }
    return bytes
  }

  /// Counts the time that a request takes.
  ///
  /// Waiting is counted in ticks that pass, so that the time for which this process is stopped does not count.
  private struct Watch {
    private let process: LibraryProcess
    private let start: UInt64
    private var ticks = 0

    init(_ process: LibraryProcess) {
      self.process = process
      start = nanoseconds(on: process.clock)
    }

    /// Waits for the socket, for at most a tick; `events` may be none.
    mutating func wait(for events: Int32) throws(LibraryEnd) {
      var polled = [
        pollfd(fd: events == 0 ? -1 : process.descriptor, events: Int16(events), revents: 0),
        pollfd(fd: process.lifeline, events: Int16(POLLIN), revents: 0),
      ]
      let found = poll(&polled, 2, LibraryProcess.tickMilliseconds)
      if polled[1].revents != 0 { throw .hung }
      guard found == 0 else { return }
      ticks += 1
      let now = nanoseconds(on: process.clock)
      let busy = now > start ? now - start : 0
      guard busy < UInt64(process.patience.busyMilliseconds) * 1_000_000,
        ticks * Int(LibraryProcess.tickMilliseconds) < process.patience.waitingMilliseconds
      else { throw .hung }
    }
  }
}

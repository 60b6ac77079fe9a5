import Access
import CSandbox
import Concurrency
import Glibc
import Runtime
import WorkerProtocol

/// Attends to a child in a sandbox: opens the files that it asks for, and passes on what it prints and what was
/// refused to it.
///
/// The child never waits for its output to be read: what does not fit into the pipe is lost.
final class ChildAttendant: Sendable {
  /// What a child does beside its work.
  enum Event: Sendable, Equatable {
    /// It printed a line.
    case line(String)
    /// The sandbox refused this to it.
    case refused(String)
    /// More of the same, which is not told any more.
    case more
  }

  /// The files that the child may have.
  let files = AllowedFiles()
  /// When the child has closed its ends and everything has been told.
  let ended = Signal()
  private let handler: @Sendable (Event) -> Void
  private let folders: ModelFolders
  private let output: Int32
  private let requests: Int32

  /// Starts attending, on a thread of its own, until the child has closed its ends, which are added to what it
  /// inherits.
  ///
  /// - Parameters:
  ///   - isSilent: Whether what the child prints is discarded.
  ///   - folders: Those in which links may lead to the files that the child asks for.
  ///   - handler: Called on that thread.
  /// - Throws: `WorkbenchError` when the system has no descriptor or thread left.
  static func start(
    _ inherited: inout Inheritance, isSilent: Bool, folders: ModelFolders,
    _ handler: @escaping @Sendable (Event) -> Void
  ) throws -> ChildAttendant {
    var pipes: [Int32] = [-1, -1]
    guard pipe(&pipes) == 0 else { throw ChildProcess.failure("pipe") }
    for end in pipes {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    defer { close(pipes[1]) }
    var sockets: [Int32] = [-1, -1]
    guard csandbox_connect(&sockets) == 0 else {
      let error = ChildProcess.failure("socketpair")
      close(pipes[0])
      throw error
    }
    defer { close(sockets[1]) }
    let attendant = ChildAttendant(handler, folders: folders, output: pipes[0], requests: sockets[0])
    do throws(ThreadError) {
      try OwnThread.detached(name: "attendant") { attendant.run() }
    } catch {
      close(pipes[0])
      close(sockets[0])
      throw WorkbenchError(.resourceExhausted, "a worker process could not be attended to: \(error)")
    }
    // From here on the thread closes our ends, when the last of the child's has been closed.
    try inherited.add(sockets[1], as: InheritedDescriptors.requests)
    if !isSilent { for output: Int32 in [1, 2] { try inherited.add(pipes[1], as: output) } }
    return attendant
  }

  private init(
    _ handler: @escaping @Sendable (Event) -> Void, folders: ModelFolders, output: Int32, requests: Int32
  ) {
    self.handler = handler
    self.folders = folders
    self.output = output
    self.requests = requests
  }

  // MARK: The thread

  private func run() {
    var lines = OutputLines()
    var budget = DaemonLimits.attendedEvents
    /// Tells an event, or that there are more than anybody would read.
    func tell(_ event: Event) {
      guard budget > 0 else { return }
      budget -= 1
      handler(budget > 0 ? event : .more)
    }
    var watched = [output, requests].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    while watched.contains(where: { $0.fd >= 0 }) {
      if poll(&watched, nfds_t(watched.count), -1) < 0 { continue }
      if watched[0].revents != 0, !readOutput(&lines, tell) { watched[0].fd = Self.finish(output) }
      if watched[1].revents != 0, !answerRequest(tell) { watched[1].fd = Self.finish(requests) }
    }
    ended.raise()
  }

  /// Closes a descriptor, and gives the number that `poll` skips.
  private static func finish(_ descriptor: Int32) -> Int32 {
    close(descriptor)
    return -1
  }

  /// Passes on what was printed; false at its end.
  private func readOutput(_ lines: inout OutputLines, _ tell: (Event) -> Void) -> Bool {
    var block = [UInt8](repeating: 0, count: 1 << 12)
    let count = block.withUnsafeMutableBytes { read(output, $0.baseAddress, $0.count) }
    if count < 0 { return errno == EINTR || errno == EAGAIN }
    for line in count == 0 ? lines.end() : lines.add(block[..<count]) { tell(.line(line)) }
    return count > 0
  }

  /// Answers one request; false when there will be no more.
  private func answerRequest(_ tell: (Event) -> Void) -> Bool {
    var message = [UInt8](repeating: 0, count: CSANDBOX_MESSAGE_BYTES)
    let count = message.withUnsafeMutableBytes {
      recv(requests, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
    }
    if count < 0 { return errno == EINTR || errno == EAGAIN }
    guard count > 0 else { return false }
    let text = String(decoding: message[1..<count], as: UTF8.self)
    switch Int(message[0]) {
    case CSANDBOX_ASKS, CSANDBOX_ASKS_NO_LINKS:
      guard !text.utf8.contains(0), files.allows(text) else {
        csandbox_refuse(requests, EACCES)
        tell(.refused("open \(text)"))
        return true
      }
      let refusesLinks = Int(message[0]) == CSANDBOX_ASKS_NO_LINKS
      // In the hub's cache the files of a model are links to others in the same cache, which must lie in the folders too.
      let path = refusesLinks ? (try? folders.resolve(text)) ?? text : text
      csandbox_answer(requests, path, refusesLinks)
    case CSANDBOX_WAS_REFUSED: tell(.refused(text))
    default: break
    }
    return true
  }
}

/// Bytes as lines.
private struct OutputLines {
  private var rest: [UInt8] = []

  /// The lines that `bytes` complete; a line that is too long is told in pieces.
  mutating func add(_ bytes: ArraySlice<UInt8>) -> [String] {
    var lines: [String] = []
    for byte in bytes {
      if byte != UInt8(ascii: "\n") { rest.append(byte) }
      if byte == UInt8(ascii: "\n") || rest.count >= DaemonLimits.outputLineBytes { lines += end() }
    }
    return lines
  }

  /// What no newline has ended.
  mutating func end() -> [String] {
    defer { rest = [] }
    return rest.isEmpty ? [] : [String(decoding: rest, as: UTF8.self)]
  }
}

import Glibc
import RPC

/// What a generated token costs on its way: one process sends small messages, a second relays them, a third reads them.
///
/// Each is a process of its own, so that each one's processor time is known.
struct RelayBenchmark {
  private static let message = [UInt8](repeating: 1, count: 60)
  /// Answers with the microseconds of processor time that the process has used.
  private static let usage = echo("Usage", .unary)
  /// Sends `COUNT` messages, with a pause of `MICROSECONDS` after each.
  private static let tokens = echo("Tokens", .serverStreaming)

  let folder: String

  /// Serves the messages at a path until killed.
  static func source(_ path: String) async throws {
    var routes = RouteTable()
    addUsage(to: &routes)
    routes.serverStreaming(tokens) { request, _, writer in
      let words = String(decoding: request, as: UTF8.self).split(separator: " ").compactMap { Int($0) }
      try await writer.send(contentsOf: produce(words[0], pause: UInt32(words[1])))
    }
    try await serve(routes, at: path)
  }

  /// Serves at a path what the source at another path sends, until killed.
  static func relay(_ path: String, from source: String) async throws {
    let channel = try Channel(to: .unix(source))
    var routes = RouteTable()
    addUsage(to: &routes)
    let unread = tokens.relayingRequests().relayingResponses()
    routes.serverStreaming(unread) { request, _, writer in
      try await writer.send(contentsOf: channel.serverStreaming(unread, request))
    }
    try await serve(routes, at: path)
  }

  /// Messages from a thread of its own, as an engine makes them.
  private static func produce(_ count: Int, pause: UInt32) -> AsyncStream<[UInt8]> {
    let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
    Task.detached {
      for _ in 0..<count {
        if pause > 0 { usleep(pause) }
        continuation.yield(message)
      }
      continuation.finish()
    }
    return stream
  }

  private static func addUsage(to routes: inout RouteTable) {
    routes.unary(usage) { _, _ in Array(String(processorMicroseconds()).utf8) }
  }

  private static func serve(_ routes: RouteTable, at path: String) async throws {
    let server = try Server(configuration: ServerConfiguration(unixSocket: path), routes: routes)
    _ = try await server.start()
    await server.waitUntilStopped()
  }

  /// Starts the other processes, measures, prints and ends them.
  func run() async throws {
    let (source, relay) = (folder + ".source", folder + ".relay")
    let children = [
      try start(["source", source]), try start(["relay", relay, source]),
    ]
    defer {
      for child in children {
        kill(child, SIGKILL)
        waitpid(child, nil, 0)
      }
      for path in [source, relay, source + ".lock", relay + ".lock"] { unlink(path) }
    }
    let ends = (try Channel(to: .unix(source)), try Channel(to: .unix(relay)))
    try await measure("warm-up", 2000, 0, ends)
    try await measure("full speed", 30_000, 0, ends)
    try await measure("a token each millisecond", 3000, 1000, ends)
  }

  private func measure(
    _ name: String, _ count: Int, _ pause: Int, _ ends: (source: Channel, relay: Channel)
  ) async throws {
    let patient = CallOptions(waitForReady: true)
    let before = [
      try await Self.used(ends.source, patient), try await Self.used(ends.relay, patient),
      Self.processorMicroseconds(),
    ]
    let start = ContinuousClock.now
    var received = 0
    for try await _ in try await ends.relay.serverStreaming(Self.tokens, Array("\(count) \(pause)".utf8)) {
      received += 1
    }
    let seconds = start.duration(to: .now) / .seconds(1)
    let after = [
      Self.processorMicroseconds(), try await Self.used(ends.relay, patient),
      try await Self.used(ends.source, patient),
    ]
    precondition(received == count, "\(received) of \(count) messages arrived")
    let costs = zip(after.reversed(), before).map { Double($0 - $1) / Double(count) }
    let texts = zip(["source", "relay", "client"], costs).map { "\($0) \(($1 * 10).rounded() / 10)" }
    print(
      "relay, \(name): \(texts.joined(separator: ", ")) µs of processor time a message; "
        + "\(Int(Double(count) / seconds)) messages/s")
  }

  private static func used(_ channel: Channel, _ options: CallOptions) async throws -> Int {
    Int(String(decoding: try await channel.unary(usage, [], options: options), as: UTF8.self)) ?? 0
  }

  private static func processorMicroseconds() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000 + usage.ru_utime.tv_usec
      + usage.ru_stime.tv_usec
  }

  private func start(_ arguments: [String]) throws -> pid_t {
    var child: pid_t = 0
    var words = (["/proc/self/exe"] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    guard posix_spawn(&child, "/proc/self/exe", nil, nil, &words, environ) == 0 else {
      throw RPCError(.unavailable, "the benchmark could not start itself")
    }
    return child
  }
}

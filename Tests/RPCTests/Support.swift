import FrameGuard
import Glibc
import RPC
import Synchronization

/// The service that the tests call; messages are bytes or decimal numbers in text.
enum Echo {
  static func method(_ name: String, _ kind: MethodKind) -> Method<[UInt8], [UInt8]> {
    Method(
      service: "test.Echo", name: name, kind: kind,
      encodeRequest: { $0 }, decodeRequest: { $0 }, encodeResponse: { $0 }, decodeResponse: { $0 })
  }

  /// Answers with the request.
  static let say = method("Say", .unary)
  /// Sends as many messages as the number in the request says, each with its index.
  static let count = method("Count", .serverStreaming)
  /// Answers with the number of bytes of all requests.
  static let sum = method("Sum", .clientStreaming)
  /// Answers each request with itself.
  static let talk = method("Talk", .bidirectional)
  /// Never answers; ends when cancelled.
  static let hang = method("Hang", .unary)
  /// Fails as the request says.
  static let fail = method("Fail", .unary)
  /// Sends one message, then nothing until cancelled.
  static let stall = method("Stall", .serverStreaming)
  /// Sends 64 KiB messages without end.
  static let flood = method("Flood", .serverStreaming)
}

/// A number that many tasks count up.
final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  var value: Int { count.load(ordering: .sequentiallyConsistent) }

  func add(_ change: Int) { count.add(change, ordering: .sequentiallyConsistent) }
}

/// A list that many tasks append to.
final class List<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])

  var all: [Element] { elements.withLock { $0 } }

  func append(_ element: Element) { elements.withLock { $0.append(element) } }
}

/// What the handlers have seen.
final class Seen: Sendable {
  let started = Counter()
  let cancelled = Counter()
  let floods = Counter()
  let sent = Counter()
  let contexts = List<ServerContext>()
}

struct NotForPeers: Error {
  let secret = "/home/secret/path"
}

struct OutOfCheese: RPCErrorConvertible {
  var rpcError: RPCError { RPCError(.failedPrecondition, "out of cheese", details: [8, 9, 18, 1, 120]) }
}

func echoRoutes(_ seen: Seen = Seen()) -> RouteTable {
  var routes = RouteTable()
  routes.unary(Echo.say) { request, context in
    seen.contexts.append(context)
    return request
  }
  routes.serverStreaming(Echo.count) { request, _, writer in
    for index in 0..<(Int(String(decoding: request, as: UTF8.self)) ?? 0) {
      try await writer.send(Array(String(index).utf8))
    }
  }
  routes.clientStreaming(Echo.sum) { requests, _ in
    var total = 0
    for try await request in requests { total += request.count }
    return Array(String(total).utf8)
  }
  routes.bidirectional(Echo.talk) { requests, _, writer in
    for try await request in requests { try await writer.send(request) }
  }
  routes.unary(Echo.hang) { _, _ in
    seen.started.add(1)
    defer { seen.cancelled.add(1) }
    try await Task.sleep(for: .seconds(3600))
    return []
  }
  routes.unary(Echo.fail) { request, context in
    switch String(decoding: request, as: UTF8.self) {
    case "domain": throw OutOfCheese()
    case "secret": throw NotForPeers()
    case "long":
      throw RPCError(
        .aborted, String(repeating: "ä€", count: 20_000), details: [UInt8](repeating: 1, count: 9000))
    case "metadata":
      throw RPCError(.notFound, "no", metadata: ["reason": "none", "data-bin": .binary([0, 255])])
    default: throw RPCError(.internal, "?")
    }
  }
  routes.serverStreaming(Echo.stall) { _, _, writer in
    seen.started.add(1)
    defer { seen.cancelled.add(1) }
    try await writer.send([1])
    try await Task.sleep(for: .seconds(3600))
  }
  routes.serverStreaming(Echo.flood) { _, _, writer in
    seen.floods.add(1)
    defer { seen.cancelled.add(1) }
    let block = [UInt8](repeating: 7, count: 65536)
    while true {
      try await writer.send(block)
      seen.sent.add(block.count)
    }
  }
  return routes
}

/// A folder that is removed at the end.
final class Folder: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/rpc-test-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/tmp"
    }
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  deinit {
    guard let folder = opendir(path) else { return }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      unlink(file(name))
    }
    closedir(folder)
    rmdir(path)
  }
}

/// How a test reaches its handlers.
enum Wire: String, CaseIterable, Sendable {
  case inProcess, unix, tcp, descriptor

  /// Those with a server of their own.
  static let sockets: [Wire] = [.unix, .tcp, .descriptor]
}

/// A channel to the echo routes, closed after `body`; a test's body must not be able to tell the wires apart.
func withChannel(
  _ wire: Wire, seen: Seen = Seen(), routes: RouteTable? = nil, options: ChannelOptions = .init(),
  admit: (@Sendable (ServerContext) async throws -> Void)? = nil, _ body: (Channel) async throws -> Void
) async throws {
  guard wire == .inProcess else {
    return try await withEcho(wire, seen: seen, routes: routes, options: options) {
      $0.admit = admit
    } _: { channel, _ in
      try await body(channel)
    }
  }
  let channel = Channel(inProcess: routes ?? echoRoutes(seen), options: options, admit: admit)
  defer { channel.close() }
  try await body(channel)
}

/// A server with the echo routes and a channel to it, both stopped after `body`.
func withEcho(
  _ wire: Wire = .unix, seen: Seen = Seen(), routes: RouteTable? = nil,
  options: ChannelOptions = .init(), configure: (inout ServerConfiguration) -> Void = { _ in },
  _ body: (Channel, Server) async throws -> Void
) async throws {
  let folder = Folder()
  var configuration = ServerConfiguration()
  var pair: [Int32] = [-1, -1]
  switch wire {
  case .inProcess: preconditionFailure("a channel within the process has no server")
  case .unix: configuration.unixSocket = folder.file("echo.sock")
  case .tcp: break
  case .descriptor:
    _ = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
    configuration.connectedDescriptors = [pair[0]]
  }
  // On a busy machine a side that lives may be late with what shows it.
  configuration.keepalive = .seconds(3600)
  configure(&configuration)
  let server = try Server(configuration: configuration, routes: routes ?? echoRoutes(seen))
  _ = try await server.start()
  // No test here is about time, and a busy machine takes its own.
  var limits = GuardLimits()
  for path in [\.handshake, \.settingsTime, \.headerTime, \.halfSentTime, \.unreadTime]
    as [any WritableKeyPath<GuardLimits, Duration> & Sendable]
  {
    limits[keyPath: path] = .seconds(3600)
  }
  let listener = GuardedListener(limits: limits, log: { _ in }) { descriptor, address in
    try server.adopt(descriptor: descriptor, peer: .tcp(address))
  }
  let target: Target =
    switch wire {
    case .unix: .unix(folder.file("echo.sock"))
    case .tcp: .tcp(host: "127.0.0.1", port: try await listener.start(at: [("127.0.0.1", 0)])[0].port)
    case .descriptor, .inProcess: .descriptor(pair[1])
    }
  let channel = try Channel(to: target, options: options)
  do {
    try await body(channel, server)
  } catch {
    channel.close()
    await server.shutdown(drain: .zero)
    await listener.stop()
    throw error
  }
  channel.close()
  await server.shutdown(drain: .zero)
  await listener.stop()
}

/// Waits until something is so; the test's own time limit bounds it.
///
/// A cancelled task waits like any other.
func until(_ condition: () -> Bool) async {
  while !condition() { await Task.detached { try? await Task.sleep(for: .milliseconds(2)) }.value }
}

/// The error that `body` throws.
func failure(_ body: () async throws -> Void) async -> RPCError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? RPCError
  }
}

func currentUser() -> UInt32 { getuid() }

func currentProcess() -> Int32 { getpid() }

/// Runs blocking work on a thread of its own: the tests share a pool with a thread a processor.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
  await withCheckedContinuation { continuation in
    let box = Unmanaged.passRetained(Work { continuation.resume(returning: body()) })
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, box.toOpaque())
    precondition(result == 0)
    pthread_detach(thread)
  }
}

/// What a thread of `blocking` runs.
private final class Work: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

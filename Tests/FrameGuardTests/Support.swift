import Foundation
import FrameGuard
import Glibc
import RPC
import Synchronization
import Testing

/// Methods of bytes, as a server behind a listener serves them.
enum Echo {
  private static func method(_ name: String, _ kind: MethodKind) -> RPC.Method<[UInt8], [UInt8]> {
    RPC.Method(
      service: "test.Echo", name: name, kind: kind, encodeRequest: { $0 }, decodeRequest: { $0 },
      encodeResponse: { $0 }, decodeResponse: { $0 })
  }

  /// Answers with the request.
  static let say = method("Say", .unary)
  /// Answers with the caller's address.
  static let peer = method("Peer", .unary)
  /// Answers each request with itself.
  static let talk = method("Talk", .bidirectional)
  /// Sends 64 KiB messages without end.
  static let flood = method("Flood", .serverStreaming)

  static func routes() -> RouteTable {
    var routes = RouteTable()
    routes.unary(say) { request, _ in request }
    routes.unary(peer) { _, context in
      if case .tcp(let address) = context.peer { return Array(address.utf8) }
      return []
    }
    routes.bidirectional(talk) { requests, _, writer in
      for try await request in requests { try await writer.send(request) }
    }
    routes.serverStreaming(flood) { _, _, writer in
      while true { try await writer.send([UInt8](repeating: 1, count: 65_536)) }
    }
    return routes
  }
}

/// A listener with a server behind it, for the time of a test.
struct Door: Sendable {
  let listener: GuardedListener
  let port: Int
  let lines: Lines

  func channel(_ tls: ChannelTLS? = nil) throws -> Channel {
    var options = ChannelOptions()
    options.tls = tls
    return try Channel(to: .tcp(host: "localhost", port: port), options: options)
  }

  /// A call on a connection of its own.
  func say(_ tls: ChannelTLS? = nil) async throws -> [UInt8] {
    let channel = try channel(tls)
    defer { channel.close() }
    return try await channel.unary(Echo.say, [7], options: CallOptions(timeout: .seconds(3600)))
  }

  func hits(_ limit: GuardLimit) async -> UInt64 {
    await listener.readings().first { $0.limit == limit }?.hits ?? 0
  }
}

/// What a listener has logged.
final class Lines: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  func append(_ line: String) { lines.withLock { $0.append(line) } }
}

extension GuardLimits {
  /// The defaults, but for times that a client on a busy machine may be late for.
  static var patient: GuardLimits {
    var limits = GuardLimits()
    (limits.handshake, limits.settingsTime, limits.headerTime) = (
      .seconds(3600), .seconds(3600), .seconds(3600)
    )
    return limits
  }
}

func withDoor(
  _ limits: GuardLimits = .patient, tls: TLSFiles? = nil, _ body: (Door) async throws -> Void
) async throws {
  let server = try Server(configuration: ServerConfiguration(), routes: Echo.routes())
  _ = try await server.start()
  let lines = Lines()
  let listener = GuardedListener(limits: limits, tls: tls, log: { lines.append($0) }) { descriptor, address in
    try server.adopt(descriptor: descriptor, peer: .tcp(address))
  }
  let outcome: Result<Void, any Error>
  do {
    let bound = try await listener.start(at: [("127.0.0.1", 0)])
    outcome = .success(try await body(Door(listener: listener, port: bound[0].port, lines: lines)))
  } catch {
    outcome = .failure(error)
  }
  await server.shutdown(drain: .zero)
  await listener.stop()
  try outcome.get()
}

/// A client that sends what it likes.
final class RawClient: Sendable {
  private let descriptor: Int32

  /// Connects to 127.0.0.1.
  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(result == 0)
  }

  deinit { close(descriptor) }

  /// Sends all bytes; false when the other side has closed.
  @discardableResult
  func send(_ bytes: [UInt8]) async -> Bool {
    await onThread { [descriptor] in
      var sent = 0
      while sent < bytes.count {
        let step = bytes.withUnsafeBytes { raw in
          Glibc.send(
            descriptor, raw.baseAddress.map { $0 + sent }, raw.count - sent, Int32(MSG_NOSIGNAL))
        }
        if step <= 0 { return false }
        sent += step
      }
      return true
    }
  }

  /// All bytes until the other side closes.
  func readToEnd() async -> [UInt8] {
    await onThread { [descriptor] in
      var all: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count <= 0 { return all }
        all += buffer.prefix(count)
      }
    }
  }

  /// Some bytes; empty when the other side has closed.
  func readSome() async -> [UInt8] {
    await onThread { [descriptor] in
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = read(descriptor, &buffer, buffer.count)
      return Array(buffer.prefix(max(0, count)))
    }
  }
}

/// Runs what blocks on a thread of its own: the tests share a pool with a thread a processor.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: body()) }
  }
}

/// Waits until something is so; the test's own time limit bounds it.
func until(_ condition: () async throws -> Bool) async throws {
  while try await !condition() { try await Task.sleep(for: .milliseconds(5)) }
}

import Glibc
import RPC
import Testing

@Suite(.timeLimit(.minutes(60)))
struct LifeTests {
  @Test("A shutdown lets calls under way finish and refuses new ones", arguments: Wire.sockets)
  func drain(_ wire: Wire) async throws {
    let gate = Counter()
    let started = Counter()
    var routes = RouteTable()
    routes.unary(Echo.say) { request, _ in request }
    routes.serverStreaming(Echo.count) { _, _, writer in
      started.add(1)
      try await writer.send([1])
      await until { gate.value == 1 }
      try await writer.send([2])
    }
    try await withEcho(wire, routes: routes) { channel, server in
      let streams = (0..<20).map { _ in
        Task {
          var received: [[UInt8]] = []
          for try await response in try await channel.serverStreaming(Echo.count, []) {
            received.append(response)
          }
          return received
        }
      }
      await until { started.value == 20 }
      let stopping = Task { await server.shutdown(drain: .seconds(3600)) }
      // A new call is refused as soon as the client has heard of the shutdown.
      var refused: RPCError?
      repeat {
        refused = await failure {
          for try await _ in try await channel.serverStreaming(Echo.count, []) { break }
        }
      } while refused == nil
      #expect(refused?.code == .unavailable)
      gate.add(1)
      for stream in streams {
        let received = try await stream.value
        #expect(received == [[1], [2]])
      }
      await stopping.value
    }
  }

  @Test("A shutdown cancels at its deadline what has not finished, and returns though a handler never does")
  func deadline() async throws {
    let stuck = Counter()
    let started = Counter()
    var routes = RouteTable()
    routes.unary(Echo.hang) { _, _ in
      started.add(1)
      await until { stuck.value == 1 }
      return []
    }
    try await withEcho(routes: routes) { channel, server in
      let tasks = (0..<10).map { _ in Task { try await channel.unary(Echo.hang, []) } }
      await until { started.value == 10 }
      await server.shutdown(drain: .milliseconds(50))
      for task in tasks {
        let error = await failure { _ = try await task.value }
        #expect([.unavailable, .cancelled].contains(error?.code))
      }
    }
    stuck.add(1)
  }

  @Test("A server may be stopped twice, by many, and without having been started")
  func stopTwice() async throws {
    let folder = Folder()
    let server = try Server(
      configuration: ServerConfiguration(unixSocket: folder.file("s")), routes: echoRoutes())
    _ = try await server.start()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<5 { group.addTask { await server.shutdown(drain: .zero) } }
    }
    await server.waitUntilStopped()
    let again = await failure { _ = try await server.start() }
    #expect(again?.code == .failedPrecondition)
    let unused = try Server(configuration: ServerConfiguration(), routes: echoRoutes())
    await unused.shutdown(drain: .zero)
  }

  @Test("The death of a server's process ends its calls with UNAVAILABLE; its successor is found again")
  func killed() async throws {
    let folder = Folder()
    let path = folder.file("s")
    let channel = try Channel(to: .unix(path))
    let early = await failure { _ = try await channel.unary(Echo.say, []) }
    #expect(early?.code == .unavailable)
    for _ in 0..<3 {
      let probe = try #require(Probe("serve", path))
      let ready = await probe.line()
      #expect(ready == "ready")
      let answer = try await channel.unary(Echo.say, [1], options: CallOptions(waitForReady: true))
      #expect(answer == [1])
      let hanging = Task { try await channel.unary(Echo.hang, []) }
      let started = await probe.line()
      #expect(started == "started")
      probe.kill()
      let error = await failure { _ = try await hanging.value }
      #expect(error?.code == .unavailable)
    }
    channel.close()
  }

  @Test("The end of a socket pair's other side ends calls, and later ones fail at once")
  func lostPair() async throws {
    var pair: [Int32] = [-1, -1]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    let channel = try Channel(to: .descriptor(pair[1]))
    let task = Task { try await channel.unary(Echo.say, []) }
    await Task.yield()
    close(pair[0])
    let error = await failure { _ = try await task.value }
    #expect(error?.code == .unavailable)
    for wait in [false, true] {
      let later = await failure {
        _ = try await channel.unary(Echo.say, [], options: CallOptions(waitForReady: wait))
      }
      #expect(later?.code == .unavailable)
    }
  }

  @Test("A client's death cancels its calls")
  func lostClient() async throws {
    let seen = Seen()
    try await withEcho(.unix, seen: seen) { _, server in
      var pair: [Int32] = [-1, -1]
      #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
      try server.adopt(descriptor: pair[0])
      // The second name of the client's end lets the test cut the connection as a death would.
      let cut = dup(pair[1])
      let channel = try Channel(to: .descriptor(pair[1]))
      let task = Task { try await channel.unary(Echo.hang, []) }
      await until { seen.started.value == 1 }
      Glibc.shutdown(cut, Int32(SHUT_RDWR))
      close(cut)
      await until { seen.cancelled.value == 1 && server.callCount == 0 && server.connectionCount == 0 }
      let error = await failure { _ = try await task.value }
      #expect(error?.code == .unavailable)
    }
  }

  @Test("10,000 cancelled calls leave no call, no operation, no message and no descriptor")
  func leaks() async throws {
    let folder = Folder()
    let probe = try #require(Probe("leak", folder.file("s"), "10000"))
    let lines = await probe.lines().filter { $0 != "started" && $0 != "cancelled" }
    // "held" is the control: one call seen from both sides.
    #expect(lines == ["held 2 true", "left 0 0 0", "descriptors steady", "endpoints 0 posted 0"])
  }
}

import RPC
import Testing

/// What a caller must not be able to tell apart: a connection, and handlers in the same process.
@Suite(.timeLimit(.minutes(60)))
struct WireTests {
  /// Errors of every origin, as a client sees them.
  private func errors(_ wire: Wire) async throws -> [RPCError?] {
    var errors: [RPCError?] = []
    var options = ChannelOptions()
    options.maxReceiveMessageBytes = 1000
    try await withChannel(wire, options: options) { channel in
      for reason in ["domain", "metadata", "secret", "long", "other"] {
        errors.append(await failure { _ = try await channel.unary(Echo.fail, Array(reason.utf8)) })
      }
      errors.append(await failure { _ = try await channel.unary(Echo.method("Nothing", .unary), []) })
      errors.append(
        await failure { _ = try await channel.unary(Echo.say, [UInt8](repeating: 1, count: 1001)) })
      errors.append(
        await failure {
          let size = Limits.receivedMessageBytes + 1
          _ = try await channel.unary(Echo.say, [UInt8](repeating: 1, count: size))
        })
      for timeout in [Duration.zero, .milliseconds(20)] {
        errors.append(
          await failure { _ = try await channel.unary(Echo.hang, [], options: CallOptions(timeout: timeout)) }
        )
      }
      let stream = try await channel.serverStreaming(Echo.stall, [])
      stream.cancel()
      errors.append(await failure { for try await _ in stream {} })
      let (requests, responses) = try await channel.bidirectional(Echo.talk)
      try await requests.finish()
      errors.append(await failure { try await requests.send([]) })
      responses.cancel()
    }
    return errors
  }

  @Test(
    "Each failure has the same code, message, details and metadata", arguments: [Wire.inProcess, .descriptor])
  func sameErrors(_ wire: Wire) async throws {
    let expected = try await errors(.unix)
    #expect(expected.allSatisfy { $0 != nil })
    let found = try await errors(wire)
    #expect(found == expected)
  }

  @Test("What the server sent before its status is read before the status", arguments: Wire.allCases)
  func messagesBeforeStatus(_ wire: Wire) async throws {
    var routes = RouteTable()
    routes.serverStreaming(Echo.count) { _, context, writer in
      try context.setTrailingMetadata(["x-late": "1"])
      try await writer.send([1])
      try await writer.send([2])
      throw RPCError(.dataLoss, "the rest is gone", details: [1, 2])
    }
    try await withChannel(wire, routes: routes) { channel in
      let stream = try await channel.serverStreaming(Echo.count, [])
      var received: [[UInt8]] = []
      let error = await failure { for try await response in stream { received.append(response) } }
      #expect(received == [[1], [2]])
      #expect(error == RPCError(.dataLoss, "the rest is gone", details: [1, 2], metadata: ["x-late": "1"]))
      #expect(stream.status == error)
    }
  }

  @Test("Initial metadata arrives before the first response, and by itself", arguments: Wire.allCases)
  func earlyMetadata(_ wire: Wire) async throws {
    let gate = Counter()
    var routes = RouteTable()
    routes.serverStreaming(Echo.count) { _, context, writer in
      try await context.sendInitialMetadata(["x-hello": "there"])
      await until { gate.value == 1 }
      let again = await failure { try await context.sendInitialMetadata([:]) }
      try await writer.send(Array((again?.code.name ?? "").utf8))
    }
    try await withChannel(wire, routes: routes) { channel in
      let stream = try await channel.serverStreaming(Echo.count, [])
      #expect(await stream.initialMetadata()["x-hello"] == "there")
      gate.add(1)
      var iterator = stream.makeAsyncIterator()
      #expect(try await iterator.next() == Array("FAILED_PRECONDITION".utf8))
      #expect(try await iterator.next() == nil)
    }
  }

  @Test("A relay passes requests and responses on unread, errors and all", arguments: Wire.allCases)
  func relay(_ wire: Wire) async throws {
    let size = 100_000
    var routes = RouteTable()
    routes.serverStreaming(Echo.count) { request, _, writer in
      try await writer.send(request)
      try await writer.send([])
      try await writer.send([UInt8](repeating: 3, count: size))
      throw RPCError(.aborted, "enough", details: [7])
    }
    try await withChannel(wire, routes: routes) { behind in
      let method = Echo.count.relayingRequests().relayingResponses()
      var front = RouteTable()
      front.serverStreaming(method) { request, _, writer in
        for try await message in try await behind.serverStreaming(method, request) {
          try await writer.send(message)
          // A message may be sent more than once.
          if message.count == 2 { try await writer.send(message) }
        }
      }
      try await withChannel(wire, routes: front) { channel in
        var received: [[UInt8]] = []
        let error = await failure {
          for try await response in try await channel.serverStreaming(Echo.count, [8, 9]) {
            received.append(response)
          }
        }
        #expect(received == [[8, 9], [8, 9], [], [UInt8](repeating: 3, count: size)])
        #expect(error == RPCError(.aborted, "enough", details: [7]))
      }
    }
  }

  @Test("A raw message is its bytes")
  func rawMessage() async throws {
    try await withChannel(.unix) { channel in
      let method = Echo.say.relayingResponses()
      let answer = try await channel.unary(method, [1, 2, 3])
      #expect(answer == RawMessage([1, 2, 3]) && answer != RawMessage([1, 2]))
      #expect(answer.bytes == [1, 2, 3] && answer.count == 3)
      #expect(try await channel.unary(method, []) == RawMessage([]))
    }
  }

  @Test("The address of a channel within the process cannot be connected to")
  func target() {
    #expect(Channel(inProcess: RouteTable()).target == .inProcess)
    let error = #expect(throws: RPCError.self) { try Channel(to: .inProcess) }
    #expect(error?.code == .invalidArgument)
  }
}

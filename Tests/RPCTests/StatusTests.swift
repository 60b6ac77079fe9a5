import RPC
import Testing

@Suite(.timeLimit(.minutes(60)))
struct StatusTests {
  @Test("Text and binary metadata arrive both ways, repeated keys in order", arguments: Wire.allCases)
  func metadata(_ wire: Wire) async throws {
    var routes = RouteTable()
    routes.serverStreaming(Echo.count) { _, context, writer in
      var answer = Metadata()
      for entry in context.metadata.entries where entry.key.hasPrefix("x-") {
        switch entry.value {
        case .text(let text): answer.append(entry.key, text)
        case .binary(let bytes): answer.append(entry.key, binary: bytes)
        }
      }
      try await context.sendInitialMetadata(answer)
      try context.setTrailingMetadata(["x-last": "bye", "x-all-bin": .binary(Array(0...255))])
      try await writer.send([])
    }
    try await withChannel(wire, routes: routes) { channel in
      var metadata: Metadata = [
        "X-Word": "hello world", "x-data-bin": .binary([0, 1, 254, 255]), "x-empty-bin": .binary([]),
      ]
      metadata.append("x-word", "again")
      let stream = try await channel.serverStreaming(Echo.count, [], options: CallOptions(metadata: metadata))
      let initial = await stream.initialMetadata()
      #expect(initial.values("x-word") == [.text("hello world"), .text("again")])
      #expect(initial.binary("x-data-bin") == [0, 1, 254, 255])
      #expect(initial.binary("x-empty-bin") == [])
      #expect(stream.trailingMetadata == nil)
      for try await _ in stream {}
      #expect(stream.trailingMetadata?["x-last"] == "bye")
      #expect(stream.trailingMetadata?.binary("x-all-bin") == Array(0...255))
    }
  }

  @Test(
    "Metadata that the protocol cannot carry is refused by name",
    arguments: ["UPPER ok", "grpc-timeout", "content-type", "te", "", "key:", "schlüssel", "k\0"],
    Wire.allCases)
  func badMetadata(_ key: String, _ wire: Wire) async throws {
    try await withChannel(wire) { channel in
      let error = await failure {
        _ = try await channel.unary(Echo.say, [], options: CallOptions(metadata: [key: "v"]))
      }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.contains(key.lowercased()) == true)
    }
  }

  @Test(
    "Values that the protocol cannot carry are refused", arguments: ["line\nbreak", "ä", "nul\0"],
    Wire.allCases)
  func badValues(_ value: String, _ wire: Wire) async throws {
    try await withChannel(wire) { channel in
      let error = await failure {
        _ = try await channel.unary(Echo.say, [], options: CallOptions(metadata: ["key": .text(value)]))
      }
      #expect(error?.code == .invalidArgument)
    }
  }

  @Test("A domain error chooses its status and details", arguments: Wire.allCases)
  func domainError(_ wire: Wire) async throws {
    try await withChannel(wire) { channel in
      let error = await failure { _ = try await channel.unary(Echo.fail, Array("domain".utf8)) }
      #expect(error == RPCError(.failedPrecondition, "out of cheese", details: [8, 9, 18, 1, 120]))
    }
  }

  @Test("An error's metadata arrives with the status", arguments: Wire.allCases)
  func errorMetadata(_ wire: Wire) async throws {
    try await withChannel(wire) { channel in
      let error = await failure { _ = try await channel.unary(Echo.fail, Array("metadata".utf8)) }
      #expect(error?.code == .notFound)
      #expect(error?.metadata["reason"] == "none")
      #expect(error?.metadata.binary("data-bin") == [0, 255])
    }
  }

  @Test("Any other error tells the caller nothing but INTERNAL", arguments: Wire.allCases)
  func otherError(_ wire: Wire) async throws {
    try await withChannel(wire) { channel in
      let error = await failure { _ = try await channel.unary(Echo.fail, Array("secret".utf8)) }
      #expect(error == RPCError(.internal, "internal error"))
    }
  }

  @Test("A status too long for the trailers is cut rather than lost", arguments: Wire.allCases)
  func longStatus(_ wire: Wire) async throws {
    try await withChannel(wire) { channel in
      let error = await failure { _ = try await channel.unary(Echo.fail, Array("long".utf8)) }
      #expect(error?.code == .aborted)
      #expect(error?.message.hasPrefix("ä€ä€") == true)
      #expect(error?.message.hasSuffix("...") == true)
      #expect(error?.details == nil)
    }
  }

  @Test("A message in any script arrives as it was written", arguments: Wire.allCases)
  func unicodeStatus(_ wire: Wire) async throws {
    let text = "100% 日本語 \u{7f}\n\t\"quoted\""
    var routes = RouteTable()
    routes.unary(Echo.say) { _, _ in throw RPCError(.outOfRange, text) }
    try await withChannel(wire, routes: routes) { channel in
      let error = await failure { _ = try await channel.unary(Echo.say, []) }
      #expect(error == RPCError(.outOfRange, text))
    }
  }

  @Test("Every code arrives as itself", arguments: StatusCode.allCases.dropFirst(), Wire.allCases)
  func codes(_ code: StatusCode, _ wire: Wire) async throws {
    var routes = RouteTable()
    routes.unary(Echo.say) { _, _ in throw RPCError(code, code.name) }
    try await withChannel(wire, routes: routes) { channel in
      let error = await failure { _ = try await channel.unary(Echo.say, []) }
      #expect(error == RPCError(code, code.name))
    }
  }

  @Test("An unknown method is UNIMPLEMENTED and named", arguments: Wire.allCases)
  func unknownMethod(_ wire: Wire) async throws {
    try await withChannel(wire) { channel in
      let error = await failure { _ = try await channel.unary(Echo.method("Nothing", .unary), []) }
      #expect(error == RPCError(.unimplemented, "unknown method /test.Echo/Nothing"))
    }
  }

  @Test("A request that cannot be decoded is INVALID_ARGUMENT, a response INTERNAL", arguments: Wire.allCases)
  func codecs(_ wire: Wire) async throws {
    struct Bad: Error {}
    let picky = Method<[UInt8], [UInt8]>(
      service: "test.Echo", name: "Picky", kind: .unary, encodeRequest: { $0 },
      decodeRequest: { _ in throw Bad() },
      encodeResponse: { $0 }, decodeResponse: { $0 })
    var routes = echoRoutes()
    routes.unary(picky) { request, _ in request }
    let pickyClient = Method<[UInt8], [UInt8]>(
      service: "test.Echo", name: "Say", kind: .unary, encodeRequest: { $0 }, decodeRequest: { $0 },
      encodeResponse: { $0 }, decodeResponse: { _ in throw Bad() })
    try await withChannel(wire, routes: routes) { channel in
      let first = await failure { _ = try await channel.unary(picky, []) }
      #expect(first == RPCError(.invalidArgument, "cannot decode the request of /test.Echo/Picky"))
      let second = await failure { _ = try await channel.unary(pickyClient, []) }
      #expect(second?.code == .internal)
    }
  }

  @Test("A request over the limit is RESOURCE_EXHAUSTED, one at the limit passes", arguments: Wire.sockets)
  func requestLimit(_ wire: Wire) async throws {
    try await withEcho(wire) {
      $0.maxReceiveMessageBytes = 100_000
    } _: { channel, _ in
      let fits = try await channel.unary(Echo.say, [UInt8](repeating: 1, count: 100_000))
      #expect(fits.count == 100_000)
      let error = await failure {
        _ = try await channel.unary(Echo.say, [UInt8](repeating: 1, count: 100_001))
      }
      #expect(error?.code == .resourceExhausted)
    }
  }

  @Test("A response over the client's limit is RESOURCE_EXHAUSTED", arguments: Wire.allCases)
  func responseLimit(_ wire: Wire) async throws {
    var options = ChannelOptions()
    options.maxReceiveMessageBytes = 1000
    try await withChannel(wire, options: options) { channel in
      let error = await failure { _ = try await channel.unary(Echo.say, [UInt8](repeating: 1, count: 1001)) }
      #expect(error?.code == .resourceExhausted)
    }
  }

  @Test("An oversized request in a stream is never taken for the end of the stream")
  func oversizedInStream() async throws {
    let ends = Seen()
    var routes = RouteTable()
    routes.clientStreaming(Echo.sum) { requests, _ in
      do {
        for try await _ in requests {}
      } catch {
        ends.cancelled.add(1)
        throw error
      }
      ends.started.add(1)
      return []
    }
    try await withEcho(routes: routes) {
      $0.maxReceiveMessageBytes = 1000
    } _: { channel, _ in
      for _ in 0..<50 {
        let error = await failure {
          _ = try await channel.clientStreaming(Echo.sum) { writer in
            try await writer.send([1])
            try await writer.send([UInt8](repeating: 1, count: 2000))
          }
        }
        #expect(error?.code == .resourceExhausted)
      }
      await until { ends.cancelled.value == 50 }
    }
    #expect(ends.started.value == 0)
  }

  @Test("Access control runs before every handler and chooses the status", arguments: Wire.allCases)
  func admission(_ wire: Wire) async throws {
    let guarded: @Sendable (ServerContext) async throws -> Void = { context in
      guard context.metadata["authorization"] == "Bearer good" else {
        throw RPCError(.unauthenticated, "no token for \(context.method)")
      }
    }
    try await withChannel(wire, admit: guarded) { channel in
      let error = await failure { _ = try await channel.unary(Echo.say, []) }
      #expect(error == RPCError(.unauthenticated, "no token for /test.Echo/Say"))
      let options = CallOptions(metadata: ["authorization": "Bearer good"])
      let answer = try await channel.unary(Echo.say, [1], options: options)
      #expect(answer == [1])
    }
  }

  @Test("A call over the limit of calls is RESOURCE_EXHAUSTED and the server goes on")
  func callLimit() async throws {
    let seen = Seen()
    try await withEcho(seen: seen) {
      $0.maxCalls = 3
    } _: { channel, server in
      let hanging = (0..<3).map { _ in Task { _ = try? await channel.unary(Echo.hang, []) } }
      await until { seen.started.value == 3 }
      let error = await failure { _ = try await channel.unary(Echo.say, []) }
      #expect(error?.code == .resourceExhausted)
      for task in hanging { task.cancel() }
      await until { server.callCount == 0 }
      let answer = try await channel.unary(Echo.say, [1])
      #expect(answer == [1])
    }
  }

  @Test("The kernel's word on who calls reaches the handler", arguments: Wire.allCases)
  func peer(_ wire: Wire) async throws {
    let seen = Seen()
    try await withChannel(wire, seen: seen) { channel in
      _ = try await channel.unary(Echo.say, [])
      let context = try #require(seen.contexts.all.first)
      switch (wire, context.peer) {
      case (.unix, .unix(let uid, let pid)): #expect(uid == currentUser() && pid == currentProcess())
      case (.tcp, .tcp(let address)): #expect(address.hasPrefix("127.0.0.1:"))
      case (.descriptor, .local), (.inProcess, .local): break
      default: Issue.record("\(wire) gave \(context.peer)")
      }
    }
  }
}

import RPC
import Testing

@Suite(.timeLimit(.minutes(60)))
struct PressureTests {
  @Test(
    "A reader that does not read stops the writer within a bounded number of bytes", arguments: Wire.allCases)
  func slowReader(_ wire: Wire) async throws {
    let seen = Seen()
    try await withChannel(wire, seen: seen) { channel in
      let stream = try await channel.serverStreaming(Echo.flood, [])
      var before = -1
      // The writer has stopped when it has sent nothing over many turns of another call.
      while true {
        for _ in 0..<200 { _ = try await channel.unary(Echo.say, []) }
        let now = seen.sent.value
        if now == before, now > 0 { break }
        before = now
      }
      let stopped = seen.sent.value
      #expect(stopped <= 8 << 20, "the writer got rid of \(stopped) bytes")
      // It goes on when the reader does.
      var iterator = stream.makeAsyncIterator()
      for _ in 0..<1000 { _ = try await iterator.next() }
      #expect(seen.sent.value >= 900 * 65536)
      stream.cancel()
      await until { seen.cancelled.value == 1 }
    }
  }

  @Test(
    "Small messages are held up too when the reader does not read, and relays hold up their sources",
    arguments: Wire.allCases)
  func slowReaderBehindRelay(_ wire: Wire) async throws {
    let sent = Counter()
    let message = [UInt8](repeating: 1, count: 1000)
    var source = RouteTable()
    source.serverStreaming(Echo.flood) { _, _, writer in
      while true {
        try await writer.send(message)
        sent.add(message.count)
      }
    }
    try await withChannel(wire, routes: source) { behind in
      let method = Echo.flood.relayingResponses()
      var relay = RouteTable()
      relay.unary(Echo.say) { request, _ in request }
      relay.serverStreaming(method) { request, _, writer in
        try await writer.send(contentsOf: behind.serverStreaming(method, request))
      }
      try await withChannel(wire, routes: relay) { channel in
        let stream = try await channel.serverStreaming(Echo.flood, [])
        var iterator = stream.makeAsyncIterator()
        #expect(try await iterator.next() == message)
        var before = -1
        while true {
          for _ in 0..<200 { _ = try await channel.unary(Echo.say, []) }
          let now = sent.value
          if now == before { break }
          before = now
        }
        #expect(before <= 16 << 20, "the source got rid of \(before) bytes")
        for _ in 0..<(before / message.count + 1000) { #expect(try await iterator.next() == message) }
        stream.cancel()
      }
    }
  }

  @Test("A handler that does not read stops the client's writer", arguments: Wire.allCases)
  func slowHandler(_ wire: Wire) async throws {
    let gate = Seen()
    var routes = RouteTable()
    routes.unary(Echo.say) { request, _ in request }
    routes.clientStreaming(Echo.sum) { requests, _ in
      await until { gate.started.value == 1 }
      var total = 0
      for try await request in requests { total += request.count }
      return Array(String(total).utf8)
    }
    try await withChannel(wire, routes: routes) { channel in
      let block = [UInt8](repeating: 1, count: 65536)
      let task = Task {
        try await channel.clientStreaming(Echo.sum) { writer in
          for _ in 0..<400 {
            try await writer.send(block)
            gate.sent.add(block.count)
          }
        }
      }
      var before = -1
      while true {
        for _ in 0..<200 { _ = try await channel.unary(Echo.say, []) }
        let now = gate.sent.value
        if now == before, now > 0 { break }
        before = now
      }
      #expect(gate.sent.value <= 8 << 20)
      gate.started.add(1)
      let answer = try await task.value
      #expect(answer == Array(String(400 * 65536).utf8))
    }
  }

  @Test(
    "A stream cut by the server's memory quota is never taken for a finished one", arguments: Wire.sockets)
  func quota(_ wire: Wire) async throws {
    let finished = Seen()
    var routes = RouteTable()
    routes.clientStreaming(Echo.sum) { requests, _ in
      for try await _ in requests {}
      finished.started.add(1)
      return []
    }
    try await withEcho(wire, routes: routes) { configuration in
      configuration.memoryBytes = 4 << 20
      configuration.maxReceiveMessageBytes = 64 << 20
    } _: { channel, _ in
      let error = await failure {
        _ = try await channel.clientStreaming(Echo.sum) { writer in
          try await writer.send([UInt8](repeating: 1, count: 32 << 20))
        }
      }
      #expect(
        [.resourceExhausted, .cancelled, .unavailable].contains(error?.code), "\(String(describing: error))")
    }
    #expect(finished.started.value == 0)
  }
}

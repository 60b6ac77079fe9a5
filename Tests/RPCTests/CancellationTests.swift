import RPC
import Testing

@Suite(.timeLimit(.minutes(60)))
struct CancellationTests {
  @Test("A deadline ends the call on both sides", arguments: Wire.allCases)
  func deadline(_ wire: Wire) async throws {
    let seen = Seen()
    try await withChannel(wire, seen: seen) { channel in
      // On a busy machine the time may be up before the call arrives; so until one has.
      while seen.started.value == 0 {
        let options = CallOptions(timeout: .milliseconds(50))
        let error = await failure { _ = try await channel.unary(Echo.hang, [], options: options) }
        #expect(error?.code == .deadlineExceeded)
      }
      await until { seen.cancelled.value == seen.started.value }
    }
  }

  @Test("The handler sees the client's deadline", arguments: Wire.allCases)
  func deadlineSeen(_ wire: Wire) async throws {
    let seen = Seen()
    try await withChannel(wire, seen: seen) { channel in
      let timeout = Duration.seconds(3600)
      let before = ContinuousClock.now
      _ = try await channel.unary(Echo.say, [], options: CallOptions(timeout: timeout))
      let after = ContinuousClock.now
      _ = try await channel.unary(Echo.say, [])
      let contexts = seen.contexts.all
      // On the wire a time is rounded up to a few digits, and counts from when it arrives.
      let deadline = try #require(contexts.first?.deadline)
      #expect(deadline > before + timeout - timeout / 50 && deadline < after + timeout + timeout / 50)
      #expect(contexts.last?.deadline == nil)
    }
  }

  @Test("A time that has passed, is zero or is absurd does no harm", arguments: Wire.allCases)
  func oddDeadlines(_ wire: Wire) async throws {
    try await withChannel(wire) { channel in
      for timeout in [Duration.zero, .seconds(-1), .seconds(Int64.min / 2)] {
        let error = await failure {
          _ = try await channel.unary(Echo.say, [], options: CallOptions(timeout: timeout))
        }
        #expect(error?.code == .deadlineExceeded)
      }
      for timeout in [Duration.seconds(Int64.max), .seconds(1 << 40), .nanoseconds(Int64.max - 1)] {
        let answer = try await channel.unary(Echo.say, [1], options: CallOptions(timeout: timeout))
        #expect(answer == [1])
      }
    }
  }

  @Test("Cancelling a task cancels its call and the handler", arguments: Wire.allCases)
  func clientCancels(_ wire: Wire) async throws {
    let seen = Seen()
    try await withChannel(wire, seen: seen) { channel in
      let task = Task { try await channel.unary(Echo.hang, []) }
      await until { seen.started.value == 1 }
      task.cancel()
      let error = await failure { _ = try await task.value }
      #expect(error?.code == .cancelled)
      await until { seen.cancelled.value == 1 }
    }
  }

  @Test("A task that waits for a response that never comes can be cancelled", arguments: Wire.allCases)
  func cancelBlockedNext(_ wire: Wire) async throws {
    let seen = Seen()
    try await withChannel(wire, seen: seen) { channel in
      let stream = try await channel.serverStreaming(Echo.stall, [])
      var iterator = stream.makeAsyncIterator()
      let first = try await iterator.next()
      #expect(first == [1])
      let task = Task { for try await _ in stream {} }
      task.cancel()
      let error = await failure { try await task.value }
      #expect(error?.code == .cancelled)
      await until { seen.cancelled.value == 1 }
    }
  }

  @Test("Letting go of a stream cancels its call", arguments: Wire.allCases)
  func dropStream(_ wire: Wire) async throws {
    let seen = Seen()
    try await withChannel(wire, seen: seen) { channel in
      do {
        for try await _ in try await channel.serverStreaming(Echo.stall, []) { break }
      }
      await until { seen.cancelled.value == 1 }
      _ = try await channel.serverStreaming(Echo.stall, [])
      await until { seen.cancelled.value == seen.started.value }
    }
  }

  @Test("cancel() ends a stream", arguments: Wire.allCases)
  func explicitCancel(_ wire: Wire) async throws {
    try await withChannel(wire) { channel in
      let stream = try await channel.serverStreaming(Echo.stall, [])
      stream.cancel()
      let error = await failure { for try await _ in stream {} }
      #expect(error?.code == .cancelled)
    }
  }

  @Test("Closing a channel ends its calls and refuses new ones", arguments: Wire.allCases)
  func closeChannel(_ wire: Wire) async throws {
    let seen = Seen()
    try await withChannel(wire, seen: seen) { channel in
      let task = Task { try await channel.unary(Echo.hang, []) }
      await until { seen.started.value == 1 }
      channel.close()
      let error = await failure { _ = try await task.value }
      #expect(error?.code == .cancelled)
      let refused = await failure { _ = try await channel.unary(Echo.say, []) }
      #expect(refused?.code == .unavailable)
    }
  }

  @Test(
    "A handler whose own subtask gives up receiving loses no request and keeps its call",
    arguments: Wire.allCases)
  func detachedReceive(_ wire: Wire) async throws {
    var routes = RouteTable()
    routes.bidirectional(Echo.talk) { requests, _, writer in
      var iterator = requests.makeAsyncIterator()
      let first = try await iterator.next()
      // A reader that is cancelled while it waits: what its receive brings belongs to the next reader.
      let reader = Task { for try await _ in requests { Issue.record("the cancelled reader got a request") } }
      reader.cancel()
      _ = await reader.result
      try await writer.send(first ?? [])
      while let next = try await iterator.next() { try await writer.send(next) }
    }
    try await withChannel(wire, routes: routes) { channel in
      let (requests, responses) = try await channel.bidirectional(Echo.talk)
      var iterator = responses.makeAsyncIterator()
      for byte: UInt8 in 1...3 {
        try await requests.send([byte])
        let response = try await iterator.next()
        #expect(response == [byte])
      }
      try await requests.finish()
      let end = try await iterator.next()
      #expect(end == nil)
    }
  }

  @Test(
    "A client that leaves ends a sequence that is being sent, and one that is relayed",
    arguments: Wire.allCases)
  func leavingSequence(_ wire: Wire) async throws {
    let seen = Seen()
    let ended = Counter()
    try await withChannel(wire, seen: seen) { behind in
      var routes = RouteTable()
      routes.serverStreaming(Echo.stall) { request, _, writer in
        defer { ended.add(1) }
        try await writer.send(contentsOf: behind.serverStreaming(Echo.stall, request))
      }
      routes.serverStreaming(Echo.count) { _, _, writer in
        defer { ended.add(1) }
        try await writer.send(contentsOf: AsyncStream<[UInt8]> { $0.yield([1]) })
      }
      try await withChannel(wire, routes: routes) { channel in
        for method in [Echo.stall, Echo.count] {
          let before = ended.value
          let stream = try await channel.serverStreaming(method, [])
          var iterator = stream.makeAsyncIterator()
          #expect(try await iterator.next() == [1])
          stream.cancel()
          await until { ended.value == before + 1 }
        }
        await until { seen.cancelled.value == 1 }
      }
    }
  }

  @Test("Cancelling in the midst of everything leaves nothing behind", arguments: Wire.sockets)
  func storm(_ wire: Wire) async throws {
    try await withEcho(wire) { channel, server in
      await cancelAtRandom(channel)
      await until { server.callCount == 0 }
      let answer = try await channel.unary(Echo.say, [9])
      #expect(answer == [9])
    }
  }

  @Test("Cancelling in the midst of everything ends every handler within the process as well")
  func stormInProcess() async throws {
    let seen = Seen()
    try await withChannel(.inProcess, seen: seen) { channel in
      await cancelAtRandom(channel)
      await until { seen.cancelled.value == seen.started.value + seen.floods.value }
      let answer = try await channel.unary(Echo.say, [9])
      #expect(answer == [9])
    }
  }

  /// Makes 200 calls of every kind and cancels each at another moment.
  private func cancelAtRandom(_ channel: Channel) async {
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<200 {
        group.addTask {
          let task = Task {
            switch index % 4 {
            case 0: _ = try await channel.unary(Echo.hang, [])
            case 1: for try await _ in try await channel.serverStreaming(Echo.flood, []) {}
            case 2: for try await _ in try await channel.serverStreaming(Echo.stall, []) {}
            default:
              _ = try await channel.clientStreaming(Echo.sum) { writer in
                while true { try await writer.send([UInt8](repeating: 0, count: 1000)) }
              }
            }
          }
          for _ in 0..<(index % 50) { await Task.yield() }
          task.cancel()
          _ = await task.result
        }
      }
    }
  }
}

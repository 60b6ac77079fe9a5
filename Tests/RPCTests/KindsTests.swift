import RPC
import Testing

@Suite(.timeLimit(.minutes(60)))
struct KindsTests {
  @Test("A unary call returns what its handler returned", arguments: Wire.allCases)
  func unary(_ wire: Wire) async throws {
    try await withChannel(wire) { channel in
      for size in [0, 1, 1000, 3_000_000] {
        let message = [UInt8](repeating: 5, count: size)
        let answer = try await channel.unary(Echo.say, message)
        #expect(answer == message)
      }
    }
  }

  @Test("A stream of responses arrives whole and in order", arguments: Wire.allCases)
  func serverStreaming(_ wire: Wire) async throws {
    try await withChannel(wire) { channel in
      var received: [String] = []
      for try await response in try await channel.serverStreaming(Echo.count, Array("500".utf8)) {
        received.append(String(decoding: response, as: UTF8.self))
      }
      #expect(received == (0..<500).map(String.init))
    }
  }

  @Test("A stream of requests arrives whole", arguments: Wire.allCases)
  func clientStreaming(_ wire: Wire) async throws {
    try await withChannel(wire) { channel in
      let answer = try await channel.clientStreaming(Echo.sum) { writer in
        for size in 0..<200 { try await writer.send([UInt8](repeating: 1, count: size)) }
      }
      #expect(answer == Array("19900".utf8))
      let none = try await channel.clientStreaming(Echo.sum) { _ in }
      #expect(none == Array("0".utf8))
      let (requests, continuation) = AsyncStream.makeStream(of: [UInt8].self)
      for _ in 0..<3 { continuation.yield([1, 2]) }
      continuation.finish()
      let some = try await channel.clientStreaming(Echo.sum, requests: requests)
      #expect(some == Array("6".utf8))
    }
  }

  @Test("Requests and responses take turns on one call", arguments: Wire.allCases)
  func bidirectional(_ wire: Wire) async throws {
    try await withChannel(wire) { channel in
      let (requests, responses) = try await channel.bidirectional(Echo.talk)
      var iterator = responses.makeAsyncIterator()
      for index in 0..<100 {
        try await requests.send([UInt8(index)])
        let response = try await iterator.next()
        #expect(response == [UInt8(index)])
      }
      try await requests.finish()
      let last = try await iterator.next()
      #expect(last == nil)
      #expect(responses.status?.code == .ok)
    }
  }

  @Test("Several tasks may send on one call: nothing is lost or mixed", arguments: Wire.allCases)
  func manySenders(_ wire: Wire) async throws {
    try await withChannel(wire) { channel in
      let answer = try await channel.clientStreaming(Echo.sum) { writer in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<8 {
            group.addTask { for _ in 0..<50 { try await writer.send([1, 2, 3]) } }
          }
          try await group.waitForAll()
        }
      }
      #expect(answer == Array("1200".utf8))
    }
  }

  @Test("A server may answer before it has read every request", arguments: Wire.allCases)
  func earlyAnswer(_ wire: Wire) async throws {
    var routes = RouteTable()
    routes.clientStreaming(Echo.sum) { requests, _ in
      var iterator = requests.makeAsyncIterator()
      return try await iterator.next() ?? []
    }
    try await withChannel(wire, routes: routes) { channel in
      let answer = try await channel.clientStreaming(Echo.sum) { writer in
        while true { try await writer.send([4, 2]) }
      }
      #expect(answer == [4, 2])
    }
  }

  @Test("An error in the closure that writes requests cancels the call and is passed on")
  func failingWriter() async throws {
    struct Mine: Error {}
    try await withEcho { channel, server in
      await #expect(throws: Mine.self) {
        _ = try await channel.clientStreaming(Echo.sum) { _ in throw Mine() }
      }
      await until { server.callCount == 0 }
    }
  }

  @Test("200 streams at once on one connection end whole")
  func manyStreams() async throws {
    try await withEcho { channel, server in
      let total = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<200 {
          group.addTask {
            var count = 0
            for try await _ in try await channel.serverStreaming(Echo.count, Array("20".utf8)) { count += 1 }
            return count
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(total == 4000)
      #expect(server.connectionCount == 1)
    }
  }

  @Test(
    "A sequence's responses are sent whole and in order, wherever it is fed from", arguments: Wire.allCases)
  func sendSequence(_ wire: Wire) async throws {
    var routes = RouteTable()
    routes.serverStreaming(Echo.count) { request, _, writer in
      let count = Int(String(decoding: request, as: UTF8.self)) ?? 0
      let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
      let feeder = Task.detached {
        for index in 0..<count {
          continuation.yield(Array(String(index).utf8))
          if index.isMultiple(of: 7) { await Task.yield() }
        }
        continuation.finish()
      }
      try await writer.send(contentsOf: stream)
      await feeder.value
      // The handler goes on, and its own sends stay in order behind those of the sequence.
      try await writer.send(Array("last".utf8))
    }
    try await withChannel(wire, routes: routes) { channel in
      var received: [String] = []
      for try await response in try await channel.serverStreaming(Echo.count, Array("300".utf8)) {
        received.append(String(decoding: response, as: UTF8.self))
      }
      #expect(received == (0..<300).map(String.init) + ["last"])
    }
  }

  @Test(
    "An error of a sequence that is sent ends the call after what came before it", arguments: Wire.allCases)
  func sendFailingSequence(_ wire: Wire) async throws {
    var routes = RouteTable()
    routes.serverStreaming(Echo.count) { _, _, writer in
      let stream = AsyncThrowingStream([UInt8].self) { continuation in
        continuation.yield([1])
        continuation.finish(throwing: OutOfCheese())
      }
      try await writer.send(contentsOf: stream)
    }
    try await withChannel(wire, routes: routes) { channel in
      var received: [[UInt8]] = []
      let error = await failure {
        for try await response in try await channel.serverStreaming(Echo.count, []) {
          received.append(response)
        }
      }
      #expect(received == [[1]])
      #expect(error == OutOfCheese().rpcError)
    }
  }
}

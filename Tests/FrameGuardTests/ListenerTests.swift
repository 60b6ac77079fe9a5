import Glibc
import RPC
import Testing

@testable import FrameGuard

@Suite("A TCP listener behind its guard", .timeLimit(.minutes(60))) struct ListenerTests {
  /// The code and the text of the GOAWAY that ends what a client has read.
  private func farewell(_ bytes: [UInt8]) -> (code: UInt32, text: String)? {
    var position = 0
    var last: (FrameHeader, ArraySlice<UInt8>)?
    while position + 9 <= bytes.count {
      let frame = FrameHeader(Array(bytes[position..<position + 9]))
      let end = min(position + 9 + frame.length, bytes.count)
      last = (frame, bytes[position + 9..<end])
      position = end
    }
    guard let (frame, payload) = last, frame.kind == .goAway, payload.count >= 8 else { return nil }
    let code = payload.dropFirst(4).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    return (code, String(decoding: payload.dropFirst(8), as: UTF8.self))
  }

  /// Limits that a few frames exceed.
  private func small() -> GuardLimits {
    var limits = GuardLimits.patient
    limits.streams = 10
    limits.resets = Rate(burst: 5, perSecond: 0.01)
    limits.streamStarts = Rate(burst: 50, perSecond: 0.01)
    limits.settings = Rate(burst: 5, perSecond: 0.01)
    limits.pings = Rate(burst: 5, perSecond: 0.01)
    limits.emptyFrames = Rate(burst: 100, perSecond: 0.01)
    limits.headerBytes = 4096
    limits.halfSent = 6
    limits.requestBytes = 10_000
    limits.checkInterval = .milliseconds(20)
    return limits
  }

  /// A limit on time.
  private typealias Time = any WritableKeyPath<GuardLimits, Duration> & Sendable

  /// The same, where nothing takes too long but what one limit is about.
  private func patient(but time: Time) -> GuardLimits {
    var limits = small()
    for path in [\.handshake, \.settingsTime, \.headerTime, \.halfSentTime, \.idle, \.unreadTime]
      as [Time]
    {
      limits[keyPath: path] = .seconds(100_000)
    }
    limits[keyPath: time] = .milliseconds(300)
    return limits
  }

  private static let acknowledged = Frame.hello + Frame.settingsAcknowledgement

  /// The same for each of some calls, which have odd numbers.
  private static func calls(_ count: UInt32, _ frames: (UInt32) -> [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    for call in 0..<count { bytes += frames(call * 2 + 1) }
    return bytes
  }

  /// What exceeds each limit of `small`.
  private static func flood(_ limit: GuardLimit) -> [UInt8] {
    switch limit {
    case .resets: calls(20) { Frame.headers($0) + Frame.reset($0) }
    case .streams: calls(20) { Frame.headers($0) }
    case .halfSent: calls(8) { Frame.headers($0) }
    case .requestBytes:
      Frame.headers(1) + Frame.make(.data, stream: 1, [0, 0, 1, 0, 0]) + calls(2) { _ in Frame.data(1, 6000) }
    case .headerBytes: Frame.headers(1, [UInt8](repeating: 0, count: 5000))
    case .continuations:
      Frame.headers(1, flags: 0) + calls(20) { _ in Frame.make(.continuation, stream: 1, [0x83]) }
    case .pings: calls(20) { _ in Frame.ping() }
    case .settings: calls(20) { _ in Frame.settings() }
    case .emptyFrames: calls(200) { _ in Frame.windowUpdate(0, 1) }
    default: Frame.data(99, 1)
    }
  }

  @Test(
    "A client that exceeds a limit is told which, is closed, and is counted; others are served",
    arguments: [
      .resets, .streams, .halfSent, .requestBytes, .headerBytes, .continuations, .pings, .settings,
      .emptyFrames, .malformed,
    ] as [GuardLimit])
  func flood(limit: GuardLimit) async throws {
    var limits = small()
    if limit == .streams { limits.halfSent = 1000 }
    try await withDoor(limits) { door in
      let good = try door.channel()
      #expect(try await good.unary(Echo.say, [1]) == [1])
      let client = try RawClient(port: door.port)
      await client.send(Self.acknowledged + Self.flood(limit))
      let end = try #require(farewell(await client.readToEnd()), "no GOAWAY")
      #expect(end.code == limit.errorCode && end.text == limit.explanation)
      #expect(await door.hits(limit) == 1)
      #expect(door.lines.all.contains { $0.hasPrefix("127.0.0.1:") && $0.contains(limit.rawValue) })
      #expect(try await good.unary(Echo.say, [2]) == [2])
      #expect(try await door.say() == [7])
      good.close()
    }
  }

  @Test("Unacknowledged settings, silence before them, and unfinished headers and requests end in time")
  func slow() async throws {
    for (limit, time, bytes) in [
      (.settingsTime, \.settingsTime, Frame.hello),
      (.headerTime, \.headerTime, Self.acknowledged + Frame.headers(1, flags: 0)),
      (
        .halfSentTime, \.halfSentTime,
        Self.acknowledged + Frame.headers(1) + Frame.raw(0, stream: 1, length: 10)
      ),
      (.idle, \.idle, Self.acknowledged),
    ] as [(GuardLimit, Time, [UInt8])] {
      // The others are not reached, however late the client's bytes are on a busy machine.
      try await withDoor(patient(but: time)) { door in
        let client = try RawClient(port: door.port)
        await client.send(bytes)
        #expect(farewell(await client.readToEnd())?.text == limit.explanation, "\(limit)")
        #expect(await door.hits(limit) == 1)
      }
    }
    for bytes in [[], Array(Frame.preface.prefix(10)), Frame.preface] {
      try await withDoor(patient(but: \.handshake)) { door in
        let client = try RawClient(port: door.port)
        await client.send(bytes)
        _ = await client.readToEnd()
        #expect(await door.hits(.handshake) == 1)
      }
    }
  }

  @Test("A client that never reads is closed in time, by TCP's window or by HTTP/2's")
  func unread() async throws {
    let limits = patient(but: \.unreadTime)
    let call = Frame.headers(1, flags: 4, Frame.call(to: "/test.Echo/Flood")) + Frame.data(1, flags: 1, 5)
    for window: UInt32 in [65_535, 0x7fff_ffff] {
      try await withDoor(limits) { door in
        let client = try RawClient(port: door.port)
        await client.send(
          Frame.preface + Frame.settings([(4, window)]) + Frame.settingsAcknowledgement
            + (window > 65_535 ? Frame.windowUpdate(0, 0x7fff_0000) : []) + call)
        try await until { await door.hits(.unreadTime) >= 1 }
        #expect(try await door.say() == [7])
        _ = await client.readToEnd()
      }
    }
  }

  @Test("What does not speak HTTP/2 is closed")
  func strangers() async throws {
    try await withDoor { door in
      let client = try RawClient(port: door.port)
      await client.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
      #expect(await client.readToEnd().isEmpty)
      #expect(await door.hits(.malformed) == 1)
    }
  }

  @Test("Idle connections, and those with half-sent calls only, make room for new ones; others do not")
  func room() async throws {
    var limits = GuardLimits()
    limits.addressConnections = 4
    try await withDoor(limits) { door in
      let busy = try door.channel()
      let (requests, answers) = try await busy.bidirectional(Echo.talk)
      try await requests.send([1])
      var iterator = answers.makeAsyncIterator()
      #expect(try await iterator.next() == [1])
      let idle = try (0..<30).map { _ in try RawClient(port: door.port) }
      for client in idle.suffix(4) { await client.send(Self.acknowledged + Frame.headers(1)) }
      for _ in 0..<10 { #expect(try await door.say() == [7]) }
      #expect(await door.hits(.addressConnections) >= 27)
      _ = idle
      answers.cancel()
      busy.close()
    }
  }

  @Test("Of one address's half-sent calls the connection with most of them is closed, not the last")
  func worst() async throws {
    try await withDoor(small()) { door in
      let greedy = try RawClient(port: door.port)
      await greedy.send(Self.acknowledged + Self.calls(6) { Frame.headers($0) })
      try await until { await door.listener.readings().contains { $0.limit == .halfSent && $0.current == 6 } }
      let modest = try RawClient(port: door.port)
      await modest.send(Self.acknowledged + Frame.headers(1))
      #expect(farewell(await greedy.readToEnd())?.text == "half_sent_calls")
      await modest.send(Frame.make(.data, flags: 1, stream: 1, [0, 0, 0, 0, 1, 9]))
      var answer: [UInt8] = []
      while !answer.contains(9) || answer.isEmpty {
        let more = await modest.readSome()
        if more.isEmpty { break }
        answer += more
      }
      #expect(answer.suffix(200).contains(9))
    }
  }

  @Test("The caller's real address reaches the handler, and large messages pass both ways")
  func passing() async throws {
    try await withDoor { door in
      let channel = try door.channel()
      let address = String(decoding: try await channel.unary(Echo.peer, []), as: UTF8.self)
      #expect(address.hasPrefix("127.0.0.1:"))
      let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<8 { group.addTask { try await channel.unary(Echo.say, large) == large } }
        for try await same in group { #expect(same) }
      }
      #expect(await door.listener.readings().allSatisfy { $0.hits == 0 })
      channel.close()
    }
  }

  @Test("A port that is taken is an error with its address, and the first listener goes on")
  func taken() async throws {
    try await withDoor { door in
      #expect(await refusal("127.0.0.1", door.port) == ListenError("127.0.0.1", door.port, EADDRINUSE))
      let answer = try await door.say()
      #expect(answer == [7])
    }
    #expect(await refusal("no.such.host.invalid", 1) == ListenError("no.such.host.invalid", 1, 0))
  }

  private func refusal(_ host: String, _ port: Int) async -> ListenError? {
    let listener = GuardedListener(log: { _ in }) { descriptor, _ in close(descriptor) }
    do {
      _ = try await listener.start(at: [(host, port)])
      await listener.stop()
      return nil
    } catch {
      return error as? ListenError
    }
  }
}

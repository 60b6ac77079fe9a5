import Testing

@testable import FrameGuard

@Suite("A connection within its limits") struct ConnectionGuardTests {
  private let start = ContinuousClock.now

  private func small() -> GuardLimits {
    var limits = GuardLimits()
    limits.streams = 4
    limits.streamStarts = Rate(burst: 10, perSecond: 1)
    limits.resets = Rate(burst: 3, perSecond: 1)
    limits.settings = Rate(burst: 2, perSecond: 1)
    limits.pings = Rate(burst: 3, perSecond: 0.25)
    limits.emptyFrames = Rate(burst: 20, perSecond: 1)
    limits.headerBytes = 1000
    return limits
  }

  /// A connection past its beginning.
  private func open(_ limits: GuardLimits? = nil) throws -> ConnectionGuard {
    var frames = ConnectionGuard(limits ?? small(), at: start)
    try frames.send(Frame.settings(), at: start)
    let place = try frames.receive(Frame.hello, at: start)
    #expect(place == Frame.hello.count)
    let none = try frames.receive(Frame.settingsAcknowledgement, at: start)
    #expect(none == nil)
    return frames
  }

  /// The limit that the client's bytes exceed; nil: none.
  private func exceeded(
    _ frames: inout ConnectionGuard, _ bytes: [UInt8], at time: Duration = .zero
  ) -> GuardLimit? {
    do throws(Violation) {
      _ = try frames.receive(bytes, at: start + time)
      return nil
    } catch {
      return error.limit
    }
  }

  private func late(_ frames: ConnectionGuard, _ time: Duration) -> GuardLimit? {
    do throws(Violation) {
      try frames.check(at: start + time)
      return nil
    } catch {
      return error.limit
    }
  }

  @Test(
    "A connection may take any usual course, whatever the pieces it comes in", arguments: [1, 2, 7, 100])
  func usual(piece: Int) throws {
    var frames = ConnectionGuard(small(), at: start)
    try frames.send(Frame.settings([(3, 4), (4, 65_535)]), at: start)
    var bytes = Frame.hello + Frame.settingsAcknowledgement
    for call in UInt32(0)..<8 {
      bytes += Frame.headers(call * 2 + 1) + Frame.data(call * 2 + 1, flags: 1, 100)
      if call % 4 == 3 { bytes += Frame.ping() + Frame.windowUpdate(0, 1000) }
    }
    bytes += Frame.headers(17, flags: 0) + Frame.make(.continuation, flags: 4, stream: 17, [0x83])
    bytes += Frame.raw(0x77, flags: 0xff, stream: 3, length: 3) + [1, 2, 3]
    var insertions: [Int] = []
    for begin in stride(from: 0, to: bytes.count, by: piece) {
      let slice = Array(bytes[begin..<min(begin + piece, bytes.count)])
      if let place = try frames.receive(slice, at: start) { insertions.append(begin + place) }
      // The server ends each call as soon as it is there.
      for id in frames.streams.keys.sorted() where frames.streams[id]?.clientEnded == true {
        try frames.send(Frame.headers(id) + Frame.headers(id, flags: 0x5), at: start)
      }
    }
    #expect(insertions == [Frame.hello.count])
    #expect(frames.lastStream == 17 && Array(frames.streams.keys) == [17] && frames.halfSent == 1)
    #expect(frames.isBetweenServerFrames)
  }

  @Test("What is not HTTP/2 is found in its first wrong byte")
  func preface() throws {
    var frames = ConnectionGuard(small(), at: start)
    #expect(exceeded(&frames, Array("PRI * HTTP/1".utf8)) == .malformed)
    frames = ConnectionGuard(small(), at: start)
    #expect(exceeded(&frames, Frame.preface + Frame.ping()) == .malformed)
    frames = ConnectionGuard(small(), at: start)
    #expect(exceeded(&frames, Frame.preface + Frame.settingsAcknowledgement) == .malformed)
  }

  @Test(
    "A frame that HTTP/2 does not allow ends the connection",
    arguments: [
      Frame.headers(2), Frame.headers(0), Frame.data(0, 1), Frame.data(9, 1), Frame.reset(9),
      Frame.make(.reset, stream: 1, [0]), Frame.make(.ping, [0]),
      Frame.make(.ping, stream: 1, [UInt8](repeating: 0, count: 8)),
      Frame.make(.settings, [0]), Frame.make(.settings, stream: 1),
      Frame.make(.settings, flags: 1, [0, 0, 0, 0, 0, 0]),
      Frame.make(.pushPromise, stream: 1, [0, 0, 0, 2]), Frame.make(.windowUpdate, [0]),
      Frame.make(.continuation, flags: 4, stream: 1, [0]), Frame.headers(1, flags: 0) + Frame.ping(),
      Frame.headers(1, flags: 0) + Frame.make(.continuation, flags: 4, stream: 3),
      Frame.settings([(4, 0x8000_0000)]), Frame.windowUpdate(0, 0x7fff_ffff),
      Frame.headers(1) + Frame.windowUpdate(1, 0x7fff_ffff), Frame.raw(0x77, length: 1 << 20),
      Frame.settings((0..<65).map { (UInt16($0), 0) }),
    ])
  func malformed(bytes: [UInt8]) throws {
    var frames = try open()
    #expect(exceeded(&frames, bytes) == .malformed)
  }

  @Test("Streams are counted until both sides or a reset have ended them")
  func streams() throws {
    var frames = try open()
    for id in [1, 3, 5, 7] as [UInt32] { #expect(exceeded(&frames, Frame.headers(id, flags: 5)) == nil) }
    #expect(frames.streams.count == 4 && frames.idleSince == nil)
    try frames.send(Frame.headers(1, flags: 5) + Frame.reset(3, 0), at: start)
    #expect(exceeded(&frames, Frame.reset(5)) == nil)
    #expect(Array(frames.streams.keys) == [7])
    for id in [9, 11, 13] as [UInt32] { #expect(exceeded(&frames, Frame.headers(id)) == nil) }
    #expect(exceeded(&frames, Frame.headers(15)) == .streams)
  }

  @Test("Calls that are opened and cancelled at once are too many after a burst, and fewer are not")
  func rapidReset() throws {
    var frames = try open()
    for call in UInt32(0)..<3 {
      #expect(exceeded(&frames, Frame.headers(call * 2 + 1) + Frame.reset(call * 2 + 1)) == nil)
    }
    var slow = frames
    #expect(exceeded(&frames, Frame.headers(7) + Frame.reset(7)) == .resets)
    #expect(exceeded(&slow, Frame.headers(7) + Frame.reset(7), at: .seconds(2)) == nil)
  }

  @Test("Resets that the client makes the server send count as the client's")
  func provokedResets() throws {
    var frames = try open()
    func reset(_ code: UInt32) -> GuardLimit? {
      do throws(Violation) {
        try frames.send(Frame.reset(1, code), at: start)
        return nil
      } catch {
        return error.limit
      }
    }
    for _ in 0..<10 { #expect(reset(0) == nil && reset(8) == nil) }
    for _ in 0..<3 { #expect(reset(1) == nil) }
    #expect(reset(1) == .resets)
  }

  @Test("Calls that begin faster than they may end the connection")
  func starts() throws {
    var frames = try open()
    for call in UInt32(0)..<10 {
      #expect(exceeded(&frames, Frame.headers(call * 2 + 1, flags: 5)) == nil)
      try frames.send(Frame.headers(call * 2 + 1, flags: 5), at: start)
    }
    #expect(exceeded(&frames, Frame.headers(21)) == .streamStarts)
  }

  @Test("Headers are limited in bytes, in frames and in time, however they are cut")
  func headers() throws {
    let block = [UInt8](repeating: 0, count: 400)
    var frames = try open()
    #expect(exceeded(&frames, Frame.headers(1, [UInt8](repeating: 0, count: 1000))) == nil)
    #expect(exceeded(&frames, Frame.headers(3, [UInt8](repeating: 0, count: 1001))) == .headerBytes)
    frames = try open()
    let more = Frame.make(.continuation, stream: 1, block)
    #expect(exceeded(&frames, Frame.headers(1, flags: 0, block) + more) == nil)
    #expect(late(frames, .seconds(10)) == nil && late(frames, .seconds(11)) == .headerTime)
    #expect(exceeded(&frames, more) == .headerBytes)
    frames = try open()
    #expect(exceeded(&frames, Frame.headers(1, flags: 0)) == nil)
    for _ in 0..<8 { #expect(exceeded(&frames, Frame.make(.continuation, stream: 1)) == nil) }
    #expect(exceeded(&frames, Frame.make(.continuation, stream: 1)) == .continuations)
  }

  @Test("Pings may come every five seconds for ever, in a burst with every answer, and not in a flood")
  func pings() throws {
    var frames = try open()
    for minute in 0..<100 { #expect(exceeded(&frames, Frame.ping(), at: .seconds(minute * 5)) == nil) }
    frames = try open()
    #expect(exceeded(&frames, Frame.headers(1, flags: 5)) == nil)
    for _ in 0..<50 {
      try frames.send(Frame.data(1, 10), at: start)
      for _ in 0..<3 { #expect(exceeded(&frames, Frame.ping()) == nil) }
    }
    #expect(exceeded(&frames, Frame.ping()) == .pings)
    #expect(GuardLimit.pings.explanation == "too_many_pings")
  }

  @Test("Settings, and frames that carry nothing, may not come in a flood")
  func floods() throws {
    var frames = try open()
    for _ in 0..<2 { #expect(exceeded(&frames, Frame.settings()) == nil) }
    #expect(exceeded(&frames, Frame.settings()) == .settings)
    for empty in [
      Frame.windowUpdate(0, 1), Frame.make(.priority, stream: 1, [0, 0, 0, 0, 1]), Frame.data(1),
      Frame.make(.ping, flags: 1, [UInt8](repeating: 0, count: 8)), Frame.settingsAcknowledgement,
      Frame.raw(0x77, length: 0),
    ] {
      frames = try open()
      #expect(exceeded(&frames, Frame.headers(1)) == nil)
      var passed = 0
      while passed < 100, exceeded(&frames, empty) == nil { passed += 1 }
      #expect((19...20).contains(passed), "\(empty)")
    }
  }

  @Test("Settings must be acknowledged in time, the first ones too")
  func acknowledgement() throws {
    var frames = ConnectionGuard(small(), at: start)
    try frames.send(Frame.settings(), at: start)
    _ = try frames.receive(Frame.hello + Frame.headers(1), at: start)
    #expect(late(frames, .seconds(10)) == nil && late(frames, .seconds(11)) == .settingsTime)
    _ = try frames.receive(Frame.settingsAcknowledgement, at: start + .seconds(9))
    #expect(late(frames, .seconds(11)) == nil)
    try frames.send(Frame.settings(), at: start + .seconds(20))
    #expect(late(frames, .seconds(31)) == .settingsTime)
  }

  @Test("Silence is allowed for a time: before the settings, within a request, without a call")
  func silence() throws {
    var frames = ConnectionGuard(small(), at: start)
    _ = try frames.receive(Frame.preface, at: start + .seconds(5))
    #expect(late(frames, .seconds(10)) == nil && late(frames, .seconds(11)) == .handshake)
    frames = try open()
    #expect(late(frames, .seconds(600)) == nil && late(frames, .seconds(601)) == .idle)
    _ = try frames.receive(Frame.headers(1), at: start)
    #expect(late(frames, .seconds(60)) == nil && late(frames, .seconds(61)) == .halfSentTime)
    var moving = frames
    _ = try moving.receive(Frame.raw(0, stream: 1, length: 100) + [1], at: start + .seconds(50))
    _ = try moving.receive([2], at: start + .seconds(100))
    #expect(late(moving, .seconds(160)) == nil && late(moving, .seconds(161)) == .halfSentTime)
    // A call that is being answered may wait for ever, and so may one whose request is complete.
    try frames.send(Frame.headers(1), at: start)
    _ = try frames.receive(Frame.headers(3, flags: 5), at: start)
    #expect(late(frames, .seconds(100_000)) == nil)
  }

  @Test("A reader that leaves its window closed has a limited time, and one that opens it in time has not")
  func unread() throws {
    var frames = try open()
    _ = try frames.receive(Frame.settings([(4, 100)]) + Frame.headers(1, flags: 5), at: start)
    try frames.send(Frame.headers(1) + Frame.data(1, 100), at: start)
    #expect(late(frames, .seconds(60)) == nil && late(frames, .seconds(61)) == .unreadTime)
    var reading = frames
    _ = try reading.receive(Frame.windowUpdate(1, 1), at: start + .seconds(50))
    #expect(late(reading, .seconds(61)) == nil)
    _ = try frames.receive(Frame.settings([(4, 200)]), at: start + .seconds(50))
    #expect(late(frames, .seconds(61)) == nil)
    // The same for the window of the whole connection.
    frames = try open()
    _ = try frames.receive(Frame.settings([(4, 1_000_000)]) + Frame.headers(1, flags: 5), at: start)
    for _ in 0..<5 { try frames.send(Frame.data(1, 13_107), at: start) }
    #expect(late(frames, .seconds(61)) == .unreadTime)
    _ = try frames.receive(Frame.windowUpdate(0, 1), at: start + .seconds(50))
    #expect(late(frames, .seconds(61)) == nil)
  }

  @Test("A request is complete with its last header frame, not with the flag in the first")
  func endInHeaders() throws {
    var frames = try open()
    _ = try frames.receive(Frame.headers(1, flags: 1), at: start + .seconds(1))
    #expect(frames.halfSent == 1 && frames.spareSince == start)
    _ = try frames.receive(Frame.make(.continuation, flags: 4, stream: 1), at: start + .seconds(2))
    #expect(frames.halfSent == 0 && frames.spareSince == nil)
    try frames.send(Frame.headers(1, flags: 5), at: start + .seconds(3))
    #expect(frames.streams.isEmpty && frames.spareSince == start + .seconds(3))
    // One frame that stops half way is not complete either.
    _ = try frames.receive(Array(Frame.headers(3, flags: 5).dropLast()), at: start + .seconds(4))
    #expect(frames.halfSent == 1 && late(frames, .seconds(15)) == .headerTime)
  }

  @Test("Half-sent calls and their bytes are counted until the request is complete or answered")
  func halfSent() throws {
    var frames = try open()
    _ = try frames.receive(
      Frame.headers(1) + Frame.data(1, 10) + Frame.headers(3) + Frame.data(3, 20)
        + Frame.headers(5, flags: 5),
      at: start)
    #expect(frames.halfSent == 2 && frames.halfSentBytes == 30)
    _ = try frames.receive(Frame.data(1, flags: 1, 5), at: start)
    #expect(frames.halfSent == 1 && frames.halfSentBytes == 20)
    try frames.send(Frame.headers(3), at: start)
    #expect(frames.halfSent == 0 && frames.halfSentBytes == 0)
    _ = try frames.receive(Frame.headers(7) + Frame.data(7, 40), at: start)
    #expect(frames.halfSent == 1 && frames.halfSentBytes == 40)
    _ = try frames.receive(Frame.reset(7), at: start)
    #expect(frames.halfSent == 0 && frames.halfSentBytes == 0)
  }

  @Test("Random bytes after the beginning never trap, and the state stays within the limits")
  func randomBytes() throws {
    var random = Numbers(state: 7)
    for _ in 0..<3000 {
      var frames = try open(GuardLimits())
      var server = frames
      for _ in 0..<20 {
        let kind = UInt8.random(in: 0...11, using: &random)
        let length = Int.random(in: 0...40, using: &random)
        let bytes =
          Frame.raw(
            kind, flags: UInt8.random(in: 0...255, using: &random),
            stream: UInt32.random(in: 0...9, using: &random), length: length)
          + (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
        _ = try? frames.send(bytes, at: start)
        _ = try? server.send(bytes, at: start)
        if exceeded(&frames, bytes) != nil { break }
      }
      #expect(frames.streams.count <= 256 && frames.halfSent >= 0 && frames.halfSentBytes >= 0)
    }
  }
}

/// Random numbers that are the same in each run.
private struct Numbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }
}

extension ConnectionGuard {
  fileprivate mutating func receive(_ bytes: [UInt8], at now: Instant) throws(Violation) -> Int? {
    try bytes.withUnsafeBufferPointer { buffer throws(Violation) in
      try receive(UnsafeRawBufferPointer(buffer), at: now)
    }
  }

  fileprivate mutating func send(_ bytes: [UInt8], at now: Instant) throws(Violation) {
    try bytes.withUnsafeBufferPointer { buffer throws(Violation) in
      try send(UnsafeRawBufferPointer(buffer), at: now)
    }
  }
}

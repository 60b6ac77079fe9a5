/// Holds one HTTP/2 connection within its limits, looking at nothing but frame headers and the values of SETTINGS,
/// WINDOW_UPDATE and RST_STREAM.
///
/// It keeps no payload, and a state for at most `GuardLimits.streams` streams.
struct ConnectionGuard {
  typealias Instant = ContinuousClock.Instant

  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  let limits: GuardLimits
  private var clientFrames = FrameReader()
  private var serverFrames = FrameReader()
  private var prefaceSeen = 0
  private(set) var clientSettingsSeen = false
  private(set) var serverSettingsSeen = false
  private let start: Instant

  var streams: [UInt32: StreamState] = [:]
  private(set) var lastStream: UInt32 = 0
  /// Calls whose request is neither complete nor being answered, and the bytes of those.
  private(set) var halfSent = 0
  private(set) var halfSentBytes = 0
  /// Since when no stream is open.
  private(set) var idleSince: Instant?
  /// When the last call ended whose request was complete or being answered; at first, the beginning.
  private var lastWork: Instant

  private var headers: HeaderBlock?
  private var pendingSettings: [Instant] = []
  private var starts: RateBucket
  private var resets: RateBucket
  private var pings: RateBucket
  private var settings: RateBucket
  private var emptyFrames: RateBucket

  /// The window of a new stream, and of the connection, towards the client.
  private var initialWindow = 65_535
  private var window = 65_535
  private var closedSince: Instant?

  init(_ limits: GuardLimits, at now: Instant) {
    self.limits = limits
    start = now
    idleSince = now
    lastWork = now
    starts = RateBucket(limits.streamStarts, at: now)
    resets = RateBucket(limits.resets, at: now)
    pings = RateBucket(limits.pings, at: now)
    settings = RateBucket(limits.settings, at: now)
    emptyFrames = RateBucket(limits.emptyFrames, at: now)
  }

  /// Since when it has had no call whose request is complete or being answered; nil while it has one.
  var spareSince: Instant? { streams.count > halfSent ? nil : lastWork }

  /// Whether a frame of our own may follow what the server has sent.
  var isBetweenServerFrames: Bool { serverFrames.isBetweenFrames }

  // MARK: From the client

  /// Takes note of bytes on their way to the server.
  ///
  /// - Returns: Where an acknowledgement of the server's first SETTINGS belongs: the core applies its own limits only
  ///   once they are acknowledged, and a client may put that off.
  mutating func receive(_ bytes: UnsafeRawBufferPointer, at now: Instant) throws(Violation) -> Int? {
    var position = 0
    while prefaceSeen < Self.preface.count, position < bytes.count {
      guard bytes[position] == Self.preface[prefaceSeen] else { throw Violation(limit: .malformed) }
      prefaceSeen += 1
      position += 1
    }
    var insertion: Int?
    while let event = clientFrames.next(in: bytes, at: &position) {
      switch event {
      case .start(let frame): try received(frame, at: now)
      case .value(let value, let frame): try received(value, of: frame, at: now)
      case .payload(let frame): if frame.kind == .data { streams[frame.stream]?.progress = now }
      case .end(let frame):
        if frame.kind == .settings, !clientSettingsSeen {
          clientSettingsSeen = true
          insertion = position
        }
        receivedEnd(of: frame, at: now)
      }
    }
    return insertion
  }

  private mutating func received(_ frame: FrameHeader, at now: Instant) throws(Violation) {
    if headers != nil, frame.kind != .continuation { throw Violation(limit: .malformed) }
    if !clientSettingsSeen {
      guard frame.kind == .settings, !frame.isAcknowledgement else { throw Violation(limit: .malformed) }
    }
    switch frame.kind {
    case .data: try receivedData(frame, at: now)
    case .headers: try receivedHeaders(frame, at: now)
    case .continuation: try receivedContinuation(frame)
    case .reset: try receivedReset(frame, at: now)
    case .settings: try receivedSettings(frame, at: now)
    case .ping:
      try require(frame.stream == 0 && frame.length == 8)
      if frame.isAcknowledgement {
        try countEmpty(at: now)
      } else {
        try Self.count(&pings, .pings, at: now)
      }
    case .priority, .windowUpdate:
      try require(frame.length == (frame.kind == .priority ? 5 : 4))
      try countEmpty(at: now)
    case .goAway, nil:
      try require(frame.length <= limits.headerBytes)
      try countEmpty(at: now)
    case .pushPromise: throw Violation(limit: .malformed)
    }
  }

  private mutating func receivedData(_ frame: FrameHeader, at now: Instant) throws(Violation) {
    try require(frame.stream != 0 && frame.stream <= lastStream)
    if frame.length == 0, !frame.endsStream { try countEmpty(at: now) }
    change(frame.stream) { stream in
      stream.requestBytes += frame.length
      stream.progress = now
    }
  }

  private mutating func receivedHeaders(_ frame: FrameHeader, at now: Instant) throws(Violation) {
    try require(frame.stream % 2 == 1)
    if frame.stream > lastStream {
      try Self.count(&starts, .streamStarts, at: now)
      guard streams.count < limits.streams else { throw Violation(limit: .streams) }
      lastStream = frame.stream
      idleSince = nil
      streams[frame.stream] = StreamState(progress: now, window: initialWindow)
      halfSent += 1
    } else {
      // Trailers, perhaps of a stream that the server has ended in the meantime.
      try countEmpty(at: now)
    }
    guard frame.length <= limits.headerBytes else { throw Violation(limit: .headerBytes) }
    headers = HeaderBlock(
      stream: frame.stream, endsStream: frame.endsStream, bytes: frame.length, since: now)
  }

  private mutating func receivedContinuation(_ frame: FrameHeader) throws(Violation) {
    guard var block = headers, block.stream == frame.stream else { throw Violation(limit: .malformed) }
    block.continuations += 1
    block.bytes += frame.length
    guard block.continuations <= limits.continuations else { throw Violation(limit: .continuations) }
    guard block.bytes <= limits.headerBytes else { throw Violation(limit: .headerBytes) }
    headers = block
  }

  private mutating func receivedReset(_ frame: FrameHeader, at now: Instant) throws(Violation) {
    try require(frame.length == 4 && frame.stream != 0 && frame.stream <= lastStream)
    try Self.count(&resets, .resets, at: now)
  }

  private mutating func receivedSettings(_ frame: FrameHeader, at now: Instant) throws(Violation) {
    try require(frame.stream == 0)
    if frame.isAcknowledgement {
      try require(frame.length == 0)
      try countEmpty(at: now)
      if !pendingSettings.isEmpty { pendingSettings.removeFirst() }
      return
    }
    try require(frame.length % 6 == 0 && frame.length / 6 <= limits.settingsValues)
    if clientSettingsSeen { try Self.count(&settings, .settings, at: now) }
  }

  private mutating func received(
    _ value: UInt64, of frame: FrameHeader, at now: Instant
  ) throws(Violation) {
    switch frame.kind {
    case .settings where !frame.isAcknowledgement && value >> 32 == 4:
      // SETTINGS_INITIAL_WINDOW_SIZE moves the windows of all streams, below zero too.
      let size = Int(value & 0xffff_ffff)
      try require(size <= Int(Int32.max))
      let change = size - initialWindow
      initialWindow = size
      for id in streams.keys { try widen(id, by: change, at: now) }
    case .windowUpdate:
      let size = Int(value & 0x7fff_ffff)
      if frame.stream == 0 {
        window += size
        try require(window <= Int(Int32.max))
        if window > 0 { closedSince = nil }
      } else {
        try widen(frame.stream, by: size, at: now)
      }
    default: return
    }
  }

  private mutating func widen(_ id: UInt32, by size: Int, at now: Instant) throws(Violation) {
    guard var stream = streams[id] else { return }
    stream.window += size
    try require(stream.window <= Int(Int32.max))
    if stream.window > 0 { stream.closedSince = nil }
    streams[id] = stream
  }

  private mutating func receivedEnd(of frame: FrameHeader, at now: Instant) {
    switch frame.kind {
    case .data where frame.endsStream: endRequest(of: frame.stream, at: now)
    case .headers where frame.endsHeaders, .continuation where frame.endsHeaders:
      if let block = headers, block.endsStream { endRequest(of: block.stream, at: now) }
      headers = nil
    case .reset: forget(frame.stream, at: now)
    default: return
    }
  }

  private mutating func endRequest(of id: UInt32, at now: Instant) {
    change(id) { $0.clientEnded = true }
    forgetIfOver(id, at: now)
  }

  // MARK: From the server

  /// Takes note of bytes on their way to the client.
  mutating func send(_ bytes: UnsafeRawBufferPointer, at now: Instant) throws(Violation) {
    var position = 0
    while let event = serverFrames.next(in: bytes, at: &position) {
      switch event {
      case .start(let frame): sent(frame, at: now)
      case .value(let value, let frame):
        // PROTOCOL_ERROR, FLOW_CONTROL_ERROR, STREAM_CLOSED and FRAME_SIZE_ERROR are the client's doing: a rapid reset
        // in which the server does the resetting.
        if frame.kind == .reset, [1, 3, 5, 6].contains(value) { try Self.count(&resets, .resets, at: now) }
      case .payload: continue
      case .end(let frame): sentEnd(of: frame, at: now)
      }
    }
  }

  private mutating func sent(_ frame: FrameHeader, at now: Instant) {
    switch frame.kind {
    case .settings where !frame.isAcknowledgement:
      pendingSettings.append(now)
    case .data:
      pings.refill()
      window -= frame.length
      if window <= 0, closedSince == nil { closedSince = now }
      change(frame.stream) { stream in
        stream.window -= frame.length
        if stream.window <= 0, stream.closedSince == nil { stream.closedSince = now }
      }
    case .headers:
      pings.refill()
      change(frame.stream) { $0.answered = true }
    default: return
    }
  }

  private mutating func sentEnd(of frame: FrameHeader, at now: Instant) {
    switch frame.kind {
    case .settings where !frame.isAcknowledgement: serverSettingsSeen = true
    case .data where frame.endsStream, .headers where frame.endsStream:
      change(frame.stream) { stream in
        stream.serverEnded = true
        stream.closedSince = nil
      }
      forgetIfOver(frame.stream, at: now)
    case .reset: forget(frame.stream, at: now)
    default: return
    }
  }

  // MARK: Time

  /// Holds the connection to its limits on time.
  func check(at now: Instant) throws(Violation) {
    func bound(_ since: Instant?, _ time: Duration, _ limit: GuardLimit) throws(Violation) {
      if let since, now - since > time { throw Violation(limit: limit) }
    }
    if !clientSettingsSeen { return try bound(start, limits.handshake, .handshake) }
    try bound(headers?.since, limits.headerTime, .headerTime)
    try bound(pendingSettings.first, limits.settingsTime, .settingsTime)
    try bound(idleSince, limits.idle, .idle)
    if !streams.isEmpty { try bound(closedSince, limits.unreadTime, .unreadTime) }
    for stream in streams.values {
      try bound(stream.closedSince, limits.unreadTime, .unreadTime)
      if stream.isHalfSent { try bound(stream.progress, limits.halfSentTime, .halfSentTime) }
    }
  }

  // MARK: Accounts

  private func require(_ condition: Bool) throws(Violation) {
    if !condition { throw Violation(limit: .malformed) }
  }

  private static func count(
    _ bucket: inout RateBucket, _ limit: GuardLimit, at now: Instant
  ) throws(Violation) {
    if !bucket.take(at: now) { throw Violation(limit: limit) }
  }

  private mutating func countEmpty(at now: Instant) throws(Violation) {
    if !emptyFrames.take(at: now) { throw Violation(limit: .emptyFrames) }
  }

  /// Changes an open stream and what is counted over all of them.
  private mutating func change(_ id: UInt32, _ body: (inout StreamState) -> Void) {
    guard var stream = streams[id] else { return }
    discount(stream)
    body(&stream)
    streams[id] = stream
    if stream.isHalfSent {
      halfSent += 1
      halfSentBytes += stream.requestBytes
    }
  }

  private mutating func discount(_ stream: StreamState) {
    guard stream.isHalfSent else { return }
    halfSent -= 1
    halfSentBytes -= stream.requestBytes
  }

  private mutating func forgetIfOver(_ id: UInt32, at now: Instant) {
    if let stream = streams[id], stream.clientEnded, stream.serverEnded { forget(id, at: now) }
  }

  private mutating func forget(_ id: UInt32, at now: Instant) {
    guard let stream = streams.removeValue(forKey: id) else { return }
    discount(stream)
    if !stream.isHalfSent { lastWork = now }
    if streams.isEmpty { idleSince = now }
  }
}

import Glibc
import NIOCore
import NIOPosix

/// One client: its TCP channel, the guard, and the socket pair through which the core serves it.
///
/// All of it stays on the event loop.
final class Connection {
  private enum Phase {
    /// Has not shown the HTTP/2 preface yet.
    case fresh
    /// The core has its end, and has not sent its settings yet.
    case opening
    case open
    /// Refused; what the client still sends is dropped.
    case refused
    case ended
  }

  let address: PeerAddress
  private let client: any Channel
  private var server: (any Channel)?
  private unowned let registry: Registry
  private var phase = Phase.fresh
  private var frames: ConnectionGuard
  private var sides: [RelaySide.End: RelaySide] = [:]
  /// What the client sent before the core was ready for it.
  private var held = ByteBuffer()
  /// Since when the client has left bytes unread.
  private var unreadSince: ContinuousClock.Instant?
  /// What the registry has counted for this connection.
  var counted = (halfSent: 0, bytes: 0)
  /// Whether it has held so much that its end is worth a trim.
  var wasLarge = false

  init(_ client: any Channel, _ address: PeerAddress, _ registry: Registry) {
    self.client = client
    self.address = address
    self.registry = registry
    frames = ConnectionGuard(registry.limits, at: .now)
  }

  /// Calls whose request is neither complete nor being answered, and their bytes.
  var halfSent: (calls: Int, bytes: Int) {
    phase == .open ? (frames.halfSent, frames.halfSentBytes) : (0, 0)
  }
  /// Calls under way.
  var streams: Int { frames.streams.count }
  /// Since when it has had no call whose request is complete or being answered; nil while it has one.
  var spareSince: ContinuousClock.Instant? { frames.spareSince }

  /// The handler for one of the two channels.
  func side(_ end: RelaySide.End) -> RelaySide {
    let side = RelaySide(end, of: self)
    sides[end] = side
    return side
  }

  // MARK: Bytes

  func mayRead(from end: RelaySide.End) -> Bool {
    switch (end, phase) {
    case (.client, .fresh), (.client, .refused), (_, .ended): true
    case (.client, .opening): false
    case (.client, .open): server?.isWritable ?? true
    case (.server, _): client.isWritable
    }
  }

  func received(_ bytes: ByteBuffer, from end: RelaySide.End) {
    switch (end, phase) {
    case (.client, .fresh):
      held.writeImmutableBuffer(bytes)
      examine()
    case (.client, .opening): held.writeImmutableBuffer(bytes)
    case (.client, .open): forward(bytes)
    case (.server, .opening), (.server, .open): answer(bytes)
    case (_, .refused), (_, .ended), (.server, .fresh): return
    }
  }

  func flush(from end: RelaySide.End) {
    switch end {
    case .client: server?.flush()
    case .server: client.flush()
    }
  }

  func writabilityChanged(of end: RelaySide.End, to writable: Bool) {
    if end == .client { unreadSince = writable ? nil : .now }
    if writable { sides[end == .client ? .server : .client]?.resumeReading() }
  }

  /// What does not begin as HTTP/2 does never reaches the core.
  private func examine() {
    let preface = ConnectionGuard.preface
    guard held.readableBytesView.prefix(preface.count).elementsEqual(preface.prefix(held.readableBytes))
    else {
      return end(with: Violation(limit: .malformed))
    }
    if held.readableBytes >= preface.count { openServer() }
  }

  private func openServer() {
    phase = .opening
    var pair: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0
    else {
      registry.log("\(address.text): no socket pair: \(String(cString: strerror(errno)))")
      return close()
    }
    do {
      try registry.handOver(pair[0], address.text)
    } catch {
      Glibc.close(pair[1])
      registry.log("\(address.text): \(error)")
      return close()
    }
    let loop = client.eventLoop
    let side = NIOLoopBound(side(.server), eventLoop: loop)
    let bound = NIOLoopBound(self, eventLoop: loop)
    ClientBootstrap(group: loop).relayOptions().channelInitializer { channel in
      loop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(side.value)
        bound.value.server = channel
      }
    }.withConnectedSocket(pair[1]).whenFailure { error in
      bound.value.registry.log("\(bound.value.address.text): \(error)")
      bound.value.close()
    }
  }

  private func forward(_ bytes: ByteBuffer) {
    guard let server else { return }
    do throws(Violation) {
      var bytes = bytes
      let insertion = try bytes.withUnsafeReadableBytes { raw throws(Violation) in
        try frames.receive(raw, at: .now)
      }
      if let insertion, let first = bytes.readSlice(length: insertion) {
        server.write(first, promise: nil)
        server.write(ByteBuffer(bytes: OwnFrames.settingsAcknowledgement), promise: nil)
      }
      if bytes.readableBytes > 0 { server.write(bytes, promise: nil) }
    } catch {
      return end(with: error)
    }
    registry.count(self)
  }

  private func answer(_ bytes: ByteBuffer) {
    do throws(Violation) {
      try bytes.withUnsafeReadableBytes { raw throws(Violation) in try frames.send(raw, at: .now) }
    } catch {
      return end(with: error)
    }
    client.write(bytes, promise: nil)
    registry.count(self)
    if phase == .opening, frames.serverSettingsSeen {
      phase = .open
      forward(held)
      held = ByteBuffer()
      server?.flush()
      sides[.client]?.resumeReading()
    }
  }

  // MARK: Time

  func check(at now: ContinuousClock.Instant) {
    if phase == .refused || phase == .ended { return }
    do throws(Violation) {
      try frames.check(at: now)
      if let unreadSince, now - unreadSince > registry.limits.unreadTime {
        throw Violation(limit: .unreadTime)
      }
    } catch {
      end(with: error)
    }
  }

  // MARK: The end

  /// Tells the client why, where that can still be told, and ends the connection.
  func end(with violation: Violation) {
    guard phase != .refused, phase != .ended else { return }
    registry.hit(violation.limit, by: self)
    let canTell = phase == .open && frames.isBetweenServerFrames && client.isActive && client.isWritable
    phase = .refused
    registry.count(self)
    server?.close(promise: nil)
    guard canTell else { return close() }
    client.writeAndFlush(
      ByteBuffer(bytes: OwnFrames.goAway(after: frames.lastStream, violation.limit)), promise: nil)
    // Closed at once, with bytes of the client's unread, TCP would take the message back.
    client.close(mode: .output, promise: nil)
    sides[.client]?.resumeReading()
    let bound = NIOLoopBound(self, eventLoop: client.eventLoop)
    client.eventLoop.scheduleTask(in: ListenerLimits.farewell.amount) { bound.value.close() }
  }

  func close() {
    client.close(promise: nil)
    server?.close(promise: nil)
  }

  /// One end is gone: what is on its way to the other is delivered, then that closes too.
  func ended(_ end: RelaySide.End) {
    switch end {
    case .client:
      server.map(Self.closeWhenWritten)
      sides = [:]
      phase = .ended
      registry.remove(self)
    case .server where phase == .opening || phase == .open: Self.closeWhenWritten(client)
    case .server: return
    }
  }

  func failed(_ end: RelaySide.End, _ error: any Error) {
    if end == .client, phase == .fresh { registry.log("\(address.text): \(error)") }
  }

  private static func closeWhenWritten(_ channel: any Channel) {
    channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
  }
}

extension ClientBootstrap {
  fileprivate func relayOptions() -> ClientBootstrap {
    channelOption(.maxMessagesPerRead, value: 1)
      .channelOption(.recvAllocator, value: RelayOptions.allocator)
      .channelOption(.writeBufferWaterMark, value: RelayOptions.waterMark)
  }
}

/// How much a channel of a relay reads and keeps.
enum RelayOptions {
  static var allocator: AdaptiveRecvByteBufferAllocator {
    AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: ListenerLimits.bufferBytes)
  }
  static var waterMark: ChannelOptions.Types.WriteBufferWaterMark {
    .init(low: ListenerLimits.bufferBytes / 2, high: ListenerLimits.bufferBytes)
  }
}

extension Duration {
  /// For NIO.
  var amount: TimeAmount {
    let (seconds, attoseconds) = components
    return .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}

/// What TCP peers are allowed, before and after they have shown who they are.
public struct GuardLimits: Sendable {
  /// Connections in all; each takes four descriptors.
  public var connections = 128
  /// Connections of one address: an IPv4 address or an IPv6 network of 64 bits.
  public var addressConnections = 64
  /// Time for TLS and the first SETTINGS frame.
  public var handshake: Duration = .seconds(10)
  /// Time without a call after which a connection is closed.
  public var idle: Duration = .seconds(600)
  /// Streams open on one connection, as the core advertises too.
  ///
  /// Clients of some makers open up to 100 before they have read what is advertised.
  public var streams = 256
  /// Streams opened on one connection.
  public var streamStarts = Rate(burst: 8000, perSecond: 4000)
  /// Streams reset on one connection by the client, or by the core because of it.
  ///
  /// The core takes some 13 KiB for each in a burst.
  public var resets = Rate(burst: 200, perSecond: 100)
  /// Bytes of a header block, compressed.
  public var headerBytes = 16 << 10
  /// CONTINUATION frames of a header block.
  public var continuations = 8
  /// Time from the first to the last frame of a header block.
  public var headerTime: Duration = .seconds(10)
  /// Pings while nothing is sent to the client: one in five seconds, with some to spare for delayed ones.
  ///
  /// Each DATA or HEADERS frame to the client allows the whole burst again: clients of gRPC measure with pings.
  public var pings = Rate(burst: 10, perSecond: 0.25)
  /// SETTINGS frames after the first.
  public var settings = Rate(burst: 50, perSecond: 10)
  /// Values in one SETTINGS frame.
  public var settingsValues = 64
  /// Time to acknowledge SETTINGS.
  public var settingsTime: Duration = .seconds(10)
  /// PRIORITY, WINDOW_UPDATE, acknowledgements, DATA without bytes, unknown frames.
  public var emptyFrames = Rate(burst: 40_000, perSecond: 20_000)
  /// Calls of one address whose request is neither complete nor being answered.
  public var halfSent = 512
  /// The same of all addresses.
  public var allHalfSent = 1024
  /// Time without a byte of such a request.
  public var halfSentTime: Duration = .seconds(60)
  /// Bytes of such requests of one address.
  public var requestBytes = 32 << 20
  /// The same of all addresses.
  public var allRequestBytes = 48 << 20
  /// Time that a client may leave bytes unread, be it in TCP or by closing its HTTP/2 window.
  public var unreadTime: Duration = .seconds(60)
  /// How often the limits on time are checked.
  public var checkInterval: Duration = .milliseconds(500)

  /// The defaults.
  public init() {}

  /// What a limit is set to.
  func value(of limit: GuardLimit) -> UInt64 {
    switch limit {
    case .connections: UInt64(clamping: connections)
    case .addressConnections: UInt64(clamping: addressConnections)
    case .handshake: Self.seconds(handshake)
    case .idle: Self.seconds(idle)
    case .streams: UInt64(clamping: streams)
    case .streamStarts: UInt64(clamping: Int(streamStarts.perSecond))
    case .resets: UInt64(clamping: Int(resets.perSecond))
    case .headerBytes: UInt64(clamping: headerBytes)
    case .continuations: UInt64(clamping: continuations)
    case .headerTime: Self.seconds(headerTime)
    case .pings: UInt64(clamping: pings.burst)
    case .settings: UInt64(clamping: Int(settings.perSecond))
    case .settingsTime: Self.seconds(settingsTime)
    case .emptyFrames: UInt64(clamping: Int(emptyFrames.perSecond))
    case .halfSent: UInt64(clamping: halfSent)
    case .halfSentTime: Self.seconds(halfSentTime)
    case .requestBytes: UInt64(clamping: requestBytes)
    case .unreadTime: Self.seconds(unreadTime)
    case .malformed: 0
    }
  }

  private static func seconds(_ time: Duration) -> UInt64 { UInt64(clamping: time.components.seconds) }
}

/// The limits of the listener itself.
enum ListenerLimits {
  /// Connections that wait in the kernel for accept.
  static let backlog: Int32 = 512
  /// Bytes taken from a socket at a time, and bytes that may wait to be written.
  static let bufferBytes = 16 << 10
  /// How often certificate files are looked at.
  static let certificatePoll: Duration = .seconds(1)
  /// How long a refused client may still send, so that it gets to read why.
  static let farewell: Duration = .seconds(1)
  /// Bytes of a PEM file.
  static let certificateFileBytes = 1 << 20
  /// Shortest time between two log lines about refused connections.
  static let logInterval: Duration = .seconds(1)
  /// Bytes of half-sent requests from which on the end of a connection is worth returning memory.
  static let largeConnection = 1 << 20
  /// Time from such an end, or from a violation, to the return of unused memory to the system: the core has let go of it by then.
  static let trimDelay: Duration = .seconds(3)
}

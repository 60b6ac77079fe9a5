/// The limits on what a TCP peer can make the daemon do, by name.
public enum GuardLimit: String, Sendable, CaseIterable {
  case connections
  case addressConnections = "connections_per_address"
  case handshake = "handshake_seconds"
  case idle = "idle_seconds"
  case streams = "streams_per_connection"
  case streamStarts = "stream_starts_per_second"
  case resets = "stream_resets_per_second"
  case headerBytes = "header_bytes"
  case continuations = "continuation_frames"
  case headerTime = "header_seconds"
  case pings = "pings_without_data"
  case settings = "settings_per_second"
  case settingsTime = "settings_ack_seconds"
  case emptyFrames = "empty_frames_per_second"
  case halfSent = "half_sent_calls"
  case halfSentTime = "half_sent_seconds"
  case requestBytes = "half_sent_bytes"
  case unreadTime = "unread_seconds"
  case malformed = "malformed_frames"

  /// What is limited, in one line.
  public var meaning: String {
    switch self {
    case .connections: "TCP connections in all; the longest unused one makes room"
    case .addressConnections: "TCP connections of one address; the longest unused one makes room"
    case .handshake: "seconds for TLS and the first HTTP/2 settings of a connection"
    case .idle: "seconds that a connection may stay open without a call"
    case .streams: "calls under way on one connection"
    case .streamStarts: "new calls a second on one connection"
    case .resets: "cancelled calls a second on one connection"
    case .headerBytes: "bytes of one call's headers as sent"
    case .continuations: "CONTINUATION frames of one call's headers"
    case .headerTime: "seconds to send one call's headers"
    case .pings: "pings in a row while the daemon sends no data"
    case .settings: "SETTINGS frames a second on one connection"
    case .settingsTime: "seconds to acknowledge the daemon's settings"
    case .emptyFrames: "frames a second that carry nothing on one connection"
    case .halfSent: "calls of one address whose request is not complete"
    case .halfSentTime: "seconds without progress of a request that is not complete"
    case .requestBytes: "bytes of one address's requests that are not complete"
    case .unreadTime: "seconds that bytes for a client may wait to be read"
    case .malformed: "frames that HTTP/2 does not allow"
    }
  }

  /// The HTTP/2 error code that tells the client (RFC 9113, section 7).
  var errorCode: UInt32 {
    switch self {
    case .idle, .connections, .addressConnections: 0x0
    case .malformed: 0x1
    default: 0xb
    }
  }

  /// What GOAWAY says beside the code; clients of gRPC ping less often after `too_many_pings`.
  var explanation: String { self == .pings ? "too_many_pings" : rawValue }
}

/// A limit that was exceeded: the connection ends.
struct Violation: Error, Equatable {
  let limit: GuardLimit
}

/// What a limit is set to and how it stands.
public struct LimitReading: Sendable, Equatable {
  /// The limit.
  public let limit: GuardLimit
  /// What it is set to.
  public let value: UInt64
  /// The most of it that is in use now; 0 for what is only counted as hits.
  public let current: UInt64
  /// How often it was exceeded since the start.
  public let hits: UInt64
}

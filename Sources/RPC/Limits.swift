/// The limits on what a peer can make this module do.
///
/// The defaults were chosen by probing libgrpc 1.51.1; where a value looks odd, the comment says what was observed.
public enum Limits {
  /// Bytes of a received message, on either side, unless configured otherwise.
  public static let receivedMessageBytes = 4 << 20
  /// Bytes of headers or trailers.
  ///
  /// From 16384 on, the core no longer checks it.
  public static let metadataBytes = 8192
  /// Bytes that all connections of one server may hold in buffers.
  public static let serverMemoryBytes = 256 << 20
  /// Streams that one connection may have open; the application decides how many of them do work.
  public static let streamsPerConnection = 1024
  /// Simultaneous connections to a server; further ones are closed at once.
  public static let connections = 256
  /// Simultaneous calls to a server, over all connections; further ones end with RESOURCE_EXHAUSTED.
  public static let calls = 4096
  /// Accept requests kept with the core, so that a burst of calls does not wait for the I/O thread.
  public static let postedRequests = 64
  /// Messages of a call that are accepted while an earlier one is on its way out.
  public static let queuedMessages = 8
  /// Bytes of such messages; a larger message waits until nothing is on its way.
  public static let queuedBytes = 16 << 10
  /// Time for a new connection to show that it speaks HTTP/2.
  public static let handshake: Duration = .seconds(5)
  /// Silence after which a side asks whether the other still lives, while calls are open.
  public static let serverKeepalive: Duration = .seconds(30)
  /// The same for a client; other gRPC servers refuse much shorter intervals.
  public static let clientKeepalive: Duration = .seconds(60)
  /// Time for the answer to that question.
  public static let keepaliveTimeout: Duration = .seconds(10)
  /// Time without a call after which a server closes a connection.
  public static let connectionIdle: Duration = .seconds(600)
  /// First and longest wait between two attempts to connect.
  public static let reconnect: (first: Duration, longest: Duration) = (.milliseconds(100), .seconds(2))
  /// Connections that wait in the kernel for accept.
  public static let backlog: Int32 = 128
  /// Bytes of a unix socket's path, without its terminating NUL.
  public static let socketPathBytes = 107
  /// Bytes of a status message as sent (percent-encoded); longer ones are cut.
  ///
  /// With details it must fit `metadataBytes`.
  public static let statusMessageBytes = 2048
  /// Bytes of status details; larger ones are left out, since part of them would mean nothing.
  public static let statusDetailsBytes = 3072
  /// Characters of a method's name that an error repeats.
  public static let methodNameEcho = 200
  /// How long a server that has no calls left waits for its clients to close their connections.
  public static let goodbye: Duration = .milliseconds(250)
  /// Pause of the accept loop when even the spare descriptor does not help.
  public static let acceptPause: Duration = .milliseconds(100)
}

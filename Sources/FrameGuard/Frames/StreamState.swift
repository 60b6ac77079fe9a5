/// What a guard knows of one open stream.
struct StreamState {
  var clientEnded = false
  var serverEnded = false
  /// Whether the server has begun to answer.
  var answered = false
  /// Bytes of DATA frames that the client has announced.
  var requestBytes = 0
  /// When the client last sent a part of the request.
  var progress: ContinuousClock.Instant
  /// Bytes that the client still takes.
  var window: Int
  /// Since when the window is closed.
  var closedSince: ContinuousClock.Instant?

  /// Whether the request is neither complete nor being answered.
  var isHalfSent: Bool { !clientEnded && !answered && !serverEnded }
}

/// Headers of a call that are on their way, in one frame or several.
struct HeaderBlock {
  let stream: UInt32
  /// Whether the request consists of nothing else.
  let endsStream: Bool
  var bytes: Int
  var continuations = 0
  let since: ContinuousClock.Instant
}

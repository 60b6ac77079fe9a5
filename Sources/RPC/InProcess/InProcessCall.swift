import Synchronization

/// A call whose two sides are in this process: what the core does for a call over a connection, without either.
///
/// A message is on its way until it is received; one waits in each direction, the sender of a second one is held up.
final class InProcessCall: Sendable {
  /// Sides of calls that exist now; for leak tests.
  static let liveSides = Atomic<Int>(0)

  struct State {
    var requests = Lane()
    var responses = Lane()
    var hasBegun = false
    var initial: Metadata?
    var initialReader: InProcessBatch?
    var status: RPCError?
    var wasAborted = false
    var statusReader: InProcessBatch?
    var closeReader: InProcessBatch?
    var alarm: Task<Void, Never>?
    var effects: InProcessEffects = []

    /// Whether neither side can do anything more.
    var isOver: Bool { status != nil && responses.isDrained }
  }

  let method: String
  let timeout: Duration?
  let requestLimit: Int
  let responseLimit: Int
  let serve: @Sendable (ServerSide, Metadata) -> Void
  private let state = Mutex(State())

  /// - Parameter serve: Begins to serve the call when the client's metadata has come.
  init(
    method: String, timeout: Duration?, requestLimit: Int, responseLimit: Int,
    serve: @escaping @Sendable (ServerSide, Metadata) -> Void
  ) {
    self.method = method
    self.timeout = timeout
    self.requestLimit = requestLimit
    self.responseLimit = responseLimit
    self.serve = serve
  }

  /// Changes the state, then runs what follows from the change.
  func update<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    let (result, effects) = state.withLock { state in
      let result = body(&state)
      state.endWhenOver()
      defer { state.effects = [] }
      return (result, state.effects)
    }
    for effect in effects { effect() }
    return result
  }

  /// Looks at the state.
  func read<Result: Sendable>(_ body: (inout State) -> Result) -> Result { state.withLock { body(&$0) } }

  /// Ends the call early unless it is over.
  func abort(_ status: RPCError) {
    update { $0.abort(status) }
  }
}

extension InProcessCall.State {
  mutating func abort(_ status: RPCError) {
    guard !isOver else { return }
    self.status = status
    wasAborted = true
    requests.breakOff(&effects)
    responses.breakOff(&effects)
    initialReader?.end(false, &effects)
    initialReader = nil
  }

  mutating func endWhenOver() {
    guard isOver else { return }
    alarm?.cancel()
    alarm = nil
    statusReader?.end(true, &effects)
    statusReader = nil
    closeReader?.end(true, &effects)
    closeReader = nil
  }

  mutating func sendInitial(_ metadata: Metadata) {
    guard initial == nil else { return }
    initial = metadata
    initialReader?.end(true, &effects)
    initialReader = nil
  }

  mutating func finish(_ batch: Batch) {
    status = RPCError(
      code: batch.status, message: batch.statusMessage, trailing: batch.trailing.sendable)
    sendInitial(Metadata())
    responses.close(&effects)
    requests.breakOff(&effects)
  }

  /// Sends a message unless its receiver refuses one of that size.
  mutating func send(
    _ message: RawMessage, _ batch: InProcessBatch, _ lane: WritableKeyPath<Self, Lane>, limit: Int
  ) {
    if message.count > limit, !self[keyPath: lane].isBroken {
      // In the core's words.
      abort(
        RPCError(.resourceExhausted, "Received message larger than max (\(message.count) vs. \(limit))"))
    }
    var effects = effects
    self.effects = []
    self[keyPath: lane].send(message, batch, &effects)
    self.effects = effects
  }
}

extension RPCError {
  /// In the core's words.
  static let deadlinePassed = RPCError(.deadlineExceeded, "Deadline Exceeded")
}

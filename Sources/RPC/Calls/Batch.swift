import CGRPC

/// What a batch does to a call.
struct Operations: OptionSet, Sendable {
  let rawValue: UInt32

  init(rawValue: UInt32) { self.rawValue = rawValue }

  private init(_ operation: cgrpc_operation) { self.init(rawValue: operation.rawValue) }

  static let sendInitialMetadata = Operations(CGRPC_SEND_INITIAL_METADATA)
  static let sendMessage = Operations(CGRPC_SEND_MESSAGE)
  /// Client: no more requests follow.
  static let sendClose = Operations(CGRPC_SEND_CLOSE)
  /// Server: the call is over.
  static let sendStatus = Operations(CGRPC_SEND_STATUS)
  static let receiveInitialMetadata = Operations(CGRPC_RECEIVE_INITIAL_METADATA)
  static let receiveMessage = Operations(CGRPC_RECEIVE_MESSAGE)
  /// Client: how the call ended; comes after the last response was received.
  static let receiveStatus = Operations(CGRPC_RECEIVE_STATUS)
  /// Server: the end of the call, for whatever reason.
  static let receiveClose = Operations(CGRPC_RECEIVE_CLOSE)
}

/// What one batch does to a call; which fields matter follows from `operations`.
struct Batch: Sendable {
  var operations: Operations
  var waitForReady = false
  var initial = Metadata()
  var message: RawMessage?
  var status = StatusCode.ok
  var statusMessage = ""
  var trailing = Metadata()

  init(_ operations: Operations) {
    self.operations = operations
  }

  /// A batch that sends one message.
  init(sending message: RawMessage) {
    operations = .sendMessage
    self.message = message
  }
}

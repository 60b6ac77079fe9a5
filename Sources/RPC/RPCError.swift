/// The end of a call that did not work, on either side; the one error type of this module.
public struct RPCError: Error, Sendable, Equatable {
  /// What kind of failure; never `.ok` in an error that this module throws.
  public var code: StatusCode
  /// One line for a person.
  public var message: String
  /// A serialised `google.rpc.Status`, carried as `grpc-status-details-bin`.
  public var details: [UInt8]?
  /// Trailing metadata beside the status.
  public var metadata: Metadata

  /// An error with a code and a message.
  public init(_ code: StatusCode, _ message: String, details: [UInt8]? = nil, metadata: Metadata = [:]) {
    self.code = code
    self.message = message
    self.details = details
    self.metadata = metadata
  }
}

extension RPCError {
  /// The status of a call as its trailing metadata tells it, the details among them.
  init(code: StatusCode, message: String, trailing: Metadata) {
    var metadata = trailing
    let details = metadata.binary(Metadata.statusDetailsKey)
    metadata.remove(Metadata.statusDetailsKey)
    self.init(code, message, details: details, metadata: metadata)
  }
}

extension RPCError: CustomStringConvertible {
  /// `CODE: message`, in one line.
  public var description: String {
    message.isEmpty ? code.name : "\(code.name): \(message)"
  }
}

/// An error of another module that chooses the status it becomes.
public protocol RPCErrorConvertible: Error {
  /// What the caller of the method is told.
  var rpcError: RPCError { get }
}

extension RPCError {
  /// What a handler's error tells the caller: nothing of an error that did not choose to be told.
  static func forPeer(_ error: any Error, method: String) -> RPCError {
    var result: RPCError
    switch error {
    case let error as RPCError: result = error
    case let error as any RPCErrorConvertible: result = error.rpcError
    case is CancellationError: result = RPCError(.cancelled, "the call was cancelled")
    default:
      Log.write("handler of \(method) failed: \(error)")
      result = RPCError(.internal, "internal error")
    }
    if result.code == .ok { result.code = .internal }
    return result
  }
}

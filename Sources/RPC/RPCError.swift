/// A call that failed, on either side; the only error type of this module.
public struct RPCError: Error, Sendable, Equatable {
  /// The kind of failure; never `.ok` in an error that this module throws.
  public var code: StatusCode
  /// One line for people to read.
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
  /// The status of a call, with the details that its trailing metadata carries.
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

/// An error of another module that chooses its own status.
public protocol RPCErrorConvertible: Error {
  /// The status that the caller of the method receives.
  var rpcError: RPCError { get }
}

extension RPCError {
  /// The status that a handler's error becomes; an error that does not choose one is logged and hidden from the caller.
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

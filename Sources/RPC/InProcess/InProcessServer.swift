/// Serves the calls of channels of this process, without a socket.
struct InProcessServer: Sendable {
  let routes: RouteTable
  let responseLimit: Int
  let admit: (@Sendable (ServerContext) async throws -> Void)?

  /// A new call of a method, which is served from its first batch on.
  func makeCall(_ path: String, _ options: CallOptions) -> InProcessCall.ClientSide {
    let nanoseconds = options.timeout?.wholeNanoseconds ?? .max
    let timeout: Duration? = nanoseconds == .max ? nil : .nanoseconds(nanoseconds)
    let deadline = timeout.map { ContinuousClock.now + $0 }
    let call = InProcessCall(
      method: path, timeout: timeout, requestLimit: Limits.receivedMessageBytes, responseLimit: responseLimit
    ) { [routes, admit] side, metadata in
      let call = ServerCall(side, method: path, metadata: metadata, peer: .local, deadline: deadline)
      call.run { await routes.serve(call, admit: admit) }
    }
    return InProcessCall.ClientSide(call)
  }
}

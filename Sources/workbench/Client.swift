import Connecting
import RPC
import WorkbenchAPI

/// The daemon as the commands see it: each failed call throws a `ClientError` for a person.
struct Client: Sendable {
  private let connection: DaemonConnection
  private let timeout: Duration?
  private var namesOptions = true
  /// Where the daemon listens, as the user gave it.
  let address: String

  /// A client of the daemon at an address; connects at the first call.
  ///
  /// Refuses to send a token where others could read it.
  init(address: String, credentials: Credentials, timeout: Duration?) throws(ClientError) {
    self.address = address
    self.timeout = timeout
    do throws(ConnectionError) {
      connection = try DaemonConnection(
        address: address, credentials: credentials, userAgent: "workbench/\(clientVersion)",
        responseBytes: Limits.responseBytes)
    } catch {
      throw ClientError(error)
    }
  }

  /// One request, one response.
  func call<Request, Response>(
    _ method: Method<Request, Response>, _ request: Request
  ) async throws(ClientError) -> Response {
    do {
      return try await connection.channel.unary(
        method, request, options: CallOptions(metadata: connection.metadata, timeout: timeout))
    } catch {
      throw failure(error, answered: false)
    }
  }

  /// One request, and what `receive` does with each response as it comes.
  func stream<Request, Response: Sendable>(
    _ method: Method<Request, Response>, _ request: Request, receive: (Response) throws -> Void
  ) async throws {
    var answered = false
    do {
      let responses = try await connection.channel.serverStreaming(
        method, request, options: CallOptions(metadata: connection.metadata, timeout: timeout))
      for try await response in responses {
        answered = true
        try receive(response)
      }
    } catch let error as RPCError {
      throw failure(error, answered: answered)
    }
  }

  /// The same connection for a conversation, where settings are named `top_k` and not `--top-k`.
  var forConversation: Client {
    var copy = self
    copy.namesOptions = false
    return copy
  }

  private func failure(_ error: RPCError, answered: Bool) -> ClientError {
    CallFailure(
      error: error, address: address, usesTLS: connection.usesTLS, timeout: timeout, answered: answered,
      namesOptions: namesOptions
    ).explained
  }

  /// Closes the connection.
  func close() {
    connection.channel.close()
  }
}

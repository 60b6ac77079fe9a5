import RPC
import WorkbenchAPI

/// The daemon as the commands see it: calls whose failures are a person's errors.
struct Client: Sendable {
  private let channel: Channel
  private let timeout: Duration?
  /// Where the daemon is.
  let address: String

  /// A client of the daemon at an address; connects at the first call.
  init(address: String, timeout: Duration?) throws(ClientError) {
    self.address = address
    self.timeout = timeout
    var options = ChannelOptions()
    options.maxReceiveMessageBytes = Limits.responseBytes
    options.userAgent = "workbench/\(clientVersion)"
    do {
      channel = try Channel(to: Target(parsing: address), options: options)
    } catch {
      throw ClientError(.usage, error.message)
    }
  }

  /// One request, one response.
  func call<Request, Response>(
    _ method: Method<Request, Response>, _ request: Request
  ) async throws(ClientError) -> Response {
    do {
      return try await channel.unary(method, request, options: CallOptions(timeout: timeout))
    } catch {
      throw ClientError(error, address: address)
    }
  }

  /// One request, and what `receive` does with each response as it comes.
  func stream<Request, Response: Sendable>(
    _ method: Method<Request, Response>, _ request: Request, receive: (Response) throws -> Void
  ) async throws {
    do {
      let responses = try await channel.serverStreaming(
        method, request, options: CallOptions(timeout: timeout))
      for try await response in responses { try receive(response) }
    } catch let error as RPCError {
      throw ClientError(error, address: address)
    }
  }

  /// Closes the connection.
  func close() {
    channel.close()
  }
}

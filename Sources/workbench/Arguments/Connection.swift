import ArgumentParser
import Connecting

/// Which daemon, and how long to wait for it.
struct Connection: ParsableArguments {
  @OptionGroup var daemon: ConnectionOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Abandon a call after this many seconds.", valueName: "seconds"))
  var timeout: Double?

  func validate() throws {
    if let timeout, !(timeout > 0 && timeout < 1e9) {
      throw ValidationError("--timeout must be a number of seconds above 0")
    }
  }

  /// Runs `body` with a client and closes its connection afterwards.
  func withClient<Result>(_ body: (Client) async throws -> Result) async throws -> Result {
    let client = try Client(
      address: daemon.resolvedAddress, credentials: credentials(),
      timeout: timeout.map { .milliseconds(Int64($0 * 1000)) })
    defer { client.close() }
    return try await body(client)
  }

  private func credentials() throws(ClientError) -> Credentials {
    do throws(ConnectionError) { return try daemon.credentials() } catch { throw ClientError(error) }
  }
}

/// Whether a command prints text for a person or JSON for a program.
struct OutputFormat: ParsableArguments {
  @Flag(help: "Print the daemon's response as JSON, one object a line.")
  var json = false
}

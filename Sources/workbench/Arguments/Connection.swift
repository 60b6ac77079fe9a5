import ArgumentParser
import WorkbenchAPI

/// Which daemon, and how long to wait for it.
struct Connection: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Daemon address: unix:/path, /path or host:port (default: $WORKBENCH_ADDRESS, or the daemon's unix socket).",
      valueName: "address"))
  var address: String?

  @Option(help: ArgumentHelp("Abandon a call after this many seconds.", valueName: "seconds"))
  var timeout: Double?

  func validate() throws {
    if let timeout, !(timeout > 0 && timeout < 1e9) {
      throw ValidationError("--timeout must be a number of seconds above 0")
    }
  }

  /// Runs `body` with a client and closes its connection afterwards.
  func withClient<Result>(_ body: (Client) async throws -> Result) async throws -> Result {
    let client = try Client(
      address: DefaultAddress.resolve(address), timeout: timeout.map { .milliseconds(Int64($0 * 1000)) })
    defer { client.close() }
    return try await body(client)
  }
}

/// Whether a command prints text for a person or JSON for a program.
struct OutputFormat: ParsableArguments {
  @Flag(help: "Print the daemon's response as JSON, one object a line.")
  var json = false
}

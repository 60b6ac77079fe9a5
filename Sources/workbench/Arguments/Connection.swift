import ArgumentParser
import WorkbenchAPI

/// Which daemon, and how long to wait for it.
struct Connection: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Daemon address: unix:/path, /path, host:port, https://host:port (TLS) or http://host:port (plain text); host:port means TLS unless the host is this machine (default: $WORKBENCH_ADDRESS, or the daemon's unix socket).",
      valueName: "address"))
  var address: String?

  @Option(
    help: ArgumentHelp(
      "File with the token to send, made by 'workbench token create' (default: $WORKBENCH_TOKEN_FILE).",
      valueName: "file"),
    completion: .file())
  var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "PEM file with the authority of the daemon's certificate (default: those that the system trusts).",
      valueName: "file"),
    completion: .file())
  var ca: String?

  @Option(
    help: ArgumentHelp(
      "PEM file with this client's own certificate, for a daemon that asks for one (needs --client-key).",
      valueName: "file"),
    completion: .file())
  var clientCert: String?

  @Option(
    help: ArgumentHelp("PEM file with the private key of --client-cert.", valueName: "file"),
    completion: .file())
  var clientKey: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Abandon a call after this many seconds.", valueName: "seconds"))
  var timeout: Double?

  func validate() throws {
    if (clientCert == nil) != (clientKey == nil) {
      throw ValidationError("--client-cert and --client-key must be given together")
    }
    if let timeout, !(timeout > 0 && timeout < 1e9) {
      throw ValidationError("--timeout must be a number of seconds above 0")
    }
  }

  /// Runs `body` with a client and closes its connection afterwards.
  func withClient<Result>(_ body: (Client) async throws -> Result) async throws -> Result {
    var credentials = try Credentials(tokenFile: tokenFile, roots: ca)
    if let clientCert, let clientKey { try credentials.setIdentity(certificate: clientCert, key: clientKey) }
    let client = try Client(
      address: DefaultAddress.resolve(address), credentials: credentials,
      timeout: timeout.map { .milliseconds(Int64($0 * 1000)) })
    defer { client.close() }
    return try await body(client)
  }
}

/// Whether a command prints text for a person or JSON for a program.
struct OutputFormat: ParsableArguments {
  @Flag(help: "Print the daemon's response as JSON, one object a line.")
  var json = false
}

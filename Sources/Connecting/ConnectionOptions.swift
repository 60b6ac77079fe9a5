public import ArgumentParser
import WorkbenchAPI

/// Which daemon to connect to, as options of a command line.
public struct ConnectionOptions: ParsableArguments {
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

  /// The options without a value.
  public init() {}

  /// Refuses half of a certificate and its key.
  public func validate() throws {
    if (clientCert == nil) != (clientKey == nil) {
      throw ValidationError("--client-cert and --client-key must be given together")
    }
  }

  /// The daemon's address: given, else the environment's, else its unix socket.
  public var resolvedAddress: String { DefaultAddress.resolve(address) }

  /// What the files hold.
  public func credentials() throws(ConnectionError) -> Credentials {
    var credentials = try Credentials(tokenFile: tokenFile, roots: ca)
    if let clientCert, let clientKey { try credentials.setIdentity(certificate: clientCert, key: clientKey) }
    return credentials
  }
}

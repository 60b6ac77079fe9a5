import Access
public import ArgumentParser
import Connecting
import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import Logging
public import Logs
import NIOCore
import NIOSSL
import ServiceLifecycle
import UnixSignals

/// The gateway's command line.
@main
struct WorkbenchGateway: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workbench-gateway",
    abstract:
      "Serves the daemon's models over HTTP: OpenAI's and Anthropic's APIs, llama-server's, and a page.",
    discussion: """
      Without --tokens it listens on this machine only; every caller may then use the models that are loaded, and the \
      page at the address that is printed at the start may do what the page can.
      """)

  @Option(help: ArgumentHelp("Address to listen on.", valueName: "host:port"))
  var listen = "127.0.0.1:8080"

  @OptionGroup(title: "The daemon") var daemon: ConnectionOptions

  @Option(
    help: ArgumentHelp(
      "Token file made by 'workbench token create'; callers must then send one of its tokens.",
      valueName: "file"))
  var tokens: String?

  @Option(help: ArgumentHelp("Certificate chain (PEM) for TLS.", valueName: "file"))
  var tlsCert: String?

  @Option(help: ArgumentHelp("Private key (PEM) of --tls-cert.", valueName: "file"))
  var tlsKey: String?

  @Option(
    help: ArgumentHelp(
      "Origin of a web page that may call, such as https://chat.example; may be repeated.",
      valueName: "origin"))
  var allowOrigin: [String] = []

  @Option(help: "Least severe level to log.")
  var logLevel: Logger.Level = .info

  @Option(help: "Format of the log on standard error.")
  var logFormat: LogFormat = .text

  func validate() throws {
    if (tlsCert == nil) != (tlsKey == nil) {
      throw ValidationError("--tls-cert and --tls-key must be given together")
    }
    for origin in allowOrigin
    where !origin.hasPrefix("http://") && !origin.hasPrefix("https://") || origin.hasSuffix("/") {
      throw ValidationError(
        "'\(origin)' is not an origin; write it as browsers do, such as https://chat.example")
    }
  }

  func run() async throws {
    signal(SIGPIPE, SIG_IGN)
    let log = try ProcessLog(to: STDERR_FILENO, format: logFormat, level: logLevel)
    do {
      try await serve(log)
    } catch let error as ConnectionError {
      await log.fail(
        "workbench-gateway", [error.message, error.hint].compactMap { $0 }.joined(separator: "; "))
      throw ExitCode(1)
    } catch let error as AccessError {
      await log.fail("workbench-gateway", error.message)
      throw ExitCode(1)
    } catch let error as IOError {
      await log.fail(
        "workbench-gateway", "cannot listen at \(listen): \(String(cString: strerror(error.errnoCode)))")
      throw ExitCode(1)
    }
    await log.flush()
  }

  private func serve(_ log: ProcessLog) async throws {
    let address = try ListenAddress(listen, isLocked: tokens != nil && tlsCert != nil)
    let connection = try DaemonConnection(
      address: daemon.resolvedAddress, credentials: daemon.credentials(), userAgent: "workbench-gateway",
      responseBytes: Limits.responseBytes)
    let logger = log.logger("workbench-gateway")
    let store = try tokens.map { (path) throws(AccessError) in
      try TokenStore(path: path) { error in
        if let error { logger.warning("tokens stay as they were", metadata: ["why": "\(error)"]) }
      }
    }
    let doorman = Doorman(
      tokens: store, pageKey: Secret.make(), origins: Set(allowOrigin), hosts: address.names)
    let gateway = Gateway(
      daemon: Daemon(connection: connection), doorman: doorman,
      connections: Connections(limit: Descriptors.roomForConnections()))
    let scheme = tlsCert == nil ? "http" : "https"
    let application = Application(
      router: gateway.router(), server: try server(gateway.connections),
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: address.port), serverName: "workbench-gateway"),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? address.port
        let url = "\(scheme)://\(address.authority(port))/"
        logger.info("listening", metadata: ["url": "\(url)"])
        print("page: \(url)\(store == nil ? "#key=\(doorman.pageKey)" : "")")
        fflush(nil)
      },
      logger: log.logger("http"))
    var configuration = ServiceGroupConfiguration(
      services: [.init(service: application)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = Limits.drain
    try await ServiceGroup(configuration: configuration).run()
  }

  private func server(_ connections: Connections) throws -> HTTPServerBuilder {
    let http = HTTPServerBuilder.http1(
      configuration: .init(
        additionalChannelHandlers: [ConnectionHandler(connections)],
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: Limits.headerBytes, maxHeaderListSize: Limits.headerBytes,
          maxHeaderFieldCount: Limits.headerFields)))
    guard let tlsCert, let tlsKey else { return http }
    let chain = try NIOSSLCertificate.fromPEMFile(tlsCert).map { NIOSSLCertificateSource.certificate($0) }
    let key = try NIOSSLPrivateKey(file: tlsKey, format: .pem)
    return try .tls(
      http, tlsConfiguration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
  }
}

extension LogFormat: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}

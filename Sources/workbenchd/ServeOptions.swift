public import ArgumentParser
import Concurrency
import DaemonRole
import Glibc
import Host
public import Logging
public import Logs
import ProcessStart
import RPC
import Runtime

/// The daemon's options, which override its configuration file.
struct ServeOptions: ParsableArguments {
  @Option(help: "Unix socket to listen on. (default: $XDG_RUNTIME_DIR/workbench/workbenchd.sock)")
  var socket: String?

  @Option(help: ArgumentHelp("TCP address to listen on as well; may be repeated.", valueName: "host:port"))
  var listen: [String] = []

  @Flag(
    help: """
      Allow --listen on a loopback address such as 127.0.0.1 without TLS. Without --tokens, every user of this \
      machine then has the role 'use'.
      """)
  var insecureListen = false

  @Option(
    help: ArgumentHelp(
      "Token file made by 'workbench token create'; callers over TCP must then send one of its tokens.",
      valueName: "file"))
  var tokens: String?

  @Option(
    help: ArgumentHelp(
      "Folder in which callers without the role 'manage' can name models and tokenizers; may be repeated.",
      valueName: "dir"))
  var modelFolder: [String] = []

  @Option(
    help: ArgumentHelp(
      "Certificate chain (PEM) for TLS on every --listen address; read again when it changes.",
      valueName: "file"))
  var tlsCert: String?

  @Option(help: ArgumentHelp("Private key (PEM) of --tls-cert.", valueName: "file"))
  var tlsKey: String?

  @Option(
    help: ArgumentHelp(
      "Authorities (PEM) that must have signed each client's certificate.", valueName: "file"))
  var tlsClientCa: String?

  @Option(help: ArgumentHelp("Model file to load at start-up; may be repeated.", valueName: "path[=name]"))
  var model: [String] = []

  @Option(
    help: ArgumentHelp(
      "YAML file with the same settings; command-line arguments override it.", valueName: "file"))
  var config: String?

  @Option(
    help: ArgumentHelp(
      "Plugin folder, searched before $XDG_DATA_HOME/workbench/plugins; may be repeated.",
      valueName: "dir"))
  var pluginDir: [String] = []

  @Option(
    help: ArgumentHelp(
      "File for templates, settings of models and conversations, or none to keep them only until the daemon ends. "
        + "(default: $XDG_STATE_HOME/workbench/state.db)", valueName: "file"))
  var state: String?

  @Option(
    help: "Least severe level to log. (default: info)"
  )
  var logLevel: Logger.Level?

  @Option(help: "Format of the log on standard error. (default: text)")
  var logFormat: LogFormat?

  /// Runs the daemon until it has stopped; an error becomes one line and exit status 1.
  func run() async throws {
    let configuration: DaemonConfiguration
    do {
      configuration = try merged()
    } catch let error as WorkbenchError {
      throw await fail(error.description, try makeLog(DaemonConfiguration()))
    }
    let log = try makeLog(configuration)
    do {
      try await Daemon(configuration: configuration, version: BuildVersion.text, log: log).run()
    } catch let error as WorkbenchError {
      throw await fail(error.description, log)
    } catch let error as RPCError {
      throw await fail(error.message, log)
    }
    await log.flush()
  }

  /// Ends the process with a message if the system does not grant what a daemon needs.
  func checkResources() {
    do throws(ResourceError) {
      try Daemon.needs.check()
    } catch {
      ProcessLog.failAtOnce("workbenchd", "\(error)", logFormat ?? .text)
      Glibc.exit(1)
    }
  }

  private func makeLog(_ configuration: DaemonConfiguration) throws -> ProcessLog {
    do throws(ThreadError) {
      return try ProcessLog(
        to: STDERR_FILENO, format: logFormat ?? LogFormat(rawValue: configuration.logFormat) ?? .text,
        level: Logger.Level(rawValue: configuration.logLevel) ?? .info)
    } catch {
      ProcessLog.failAtOnce("workbenchd", "\(error)", logFormat ?? .text)
      throw ExitCode(1)
    }
  }

  private func merged() throws -> DaemonConfiguration {
    var result = DaemonConfiguration()
    if let config {
      result = try DaemonConfiguration(yaml: try ConfigurationFile.read(config), path: config)
    }
    if let socket { result.socket = socket }
    result.listen += listen
    if insecureListen { result.insecureListen = true }
    if let tokens { result.tokens = tokens }
    result.modelFolders += modelFolder
    result.tls = try mergedTLS(result.tls)
    result.models += model.map { DaemonConfiguration.Model(argument: $0) }
    result.pluginDirectories += pluginDir
    if let state { result.state = state }
    if let logLevel { result.logLevel = logLevel.rawValue }
    if let logFormat { result.logFormat = logFormat.rawValue }
    return result
  }

  private func mergedTLS(_ file: DaemonConfiguration.TLS?) throws -> DaemonConfiguration.TLS? {
    if tlsCert == nil, tlsKey == nil, tlsClientCa == nil { return file }
    guard let certificate = tlsCert ?? file?.certificate else {
      throw WorkbenchError(
        .invalidArgument, "TLS needs a certificate; add --tls-cert FILE", field: "--tls-cert")
    }
    guard let key = tlsKey ?? file?.key else {
      throw WorkbenchError(
        .invalidArgument, "TLS needs a private key; add --tls-key FILE", field: "--tls-key")
    }
    return .init(certificate: certificate, key: key, clientCA: tlsClientCa ?? file?.clientCA)
  }

  /// The last line of a daemon that fails; without a time in text, since a person has just started it.
  private func fail(_ message: String, _ log: ProcessLog) async -> ExitCode {
    await log.fail("workbenchd", message)
    return ExitCode(1)
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
extension LogFormat: ExpressibleByArgument {}

public import ArgumentParser
import DaemonRole
import Foundation
import Host
public import Logging
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
    help: "Least severe level to log. (default: info)"
  )
  var logLevel: Logger.Level?

  @Option(help: "Format of the log on standard error. (default: text)")
  var logFormat: LogFormat?

  /// Runs the daemon until it has stopped; an error becomes one line and exit status 1.
  func run() async throws {
    do {
      let configuration = try merged()
      LogFormat.bootstrap(configuration.logFormat, level: configuration.logLevel)
      try await Daemon(
        configuration: configuration, version: BuildVersion.text, log: Logger(label: "workbenchd")
      ).run()
    } catch let error as WorkbenchError {
      throw fail(error.description)
    } catch let error as RPCError {
      throw fail(error.message)
    }
  }

  private func merged() throws -> DaemonConfiguration {
    var result = DaemonConfiguration()
    if let config {
      guard let data = FileManager.default.contents(atPath: config) else {
        let reason = access(config, R_OK) == 0 ? "not a regular file" : String(cString: strerror(errno))
        throw WorkbenchError(.notFound, "cannot read '\(config)': \(reason)", field: "--config")
      }
      guard let text = String(data: data, encoding: .utf8) else {
        throw WorkbenchError(.invalidArgument, "'\(config)' is not UTF-8 text", field: "--config")
      }
      result = try DaemonConfiguration(yaml: text, path: config)
    }
    if let socket { result.socket = socket }
    result.listen += listen
    if insecureListen { result.insecureListen = true }
    if let tokens { result.tokens = tokens }
    result.modelFolders += modelFolder
    result.tls = try mergedTLS(result.tls)
    result.models += model.map { DaemonConfiguration.Model(argument: $0) }
    result.pluginDirectories += pluginDir
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

  private func fail(_ message: String) -> ExitCode {
    FileHandle.standardError.write(Data("workbenchd: \(message)\n".utf8))
    return ExitCode(1)
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

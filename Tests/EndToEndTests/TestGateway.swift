import Foundation
import Glibc
import TestSupport

/// A real `workbench-gateway` in front of a daemon, as a user would start it.
final class TestGateway: Sendable {
  /// Its address, such as `http://127.0.0.1:40123`.
  let url: String
  /// What the page sends in place of a token; empty where there are tokens.
  let pageKey: String
  private let process: Process

  /// Starts it on a free port and returns when it listens.
  init(_ daemon: TestDaemon, _ arguments: [String] = []) async throws {
    process = Process()
    process.executableURL = Products.url("workbench-gateway")
    process.arguments = ["--listen", "127.0.0.1:0", "--address", "unix:\(daemon.socket)"] + arguments
    process.standardInput = FileHandle.nullDevice
    let output = daemon.folder.file("gateway.\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: output, contents: nil)
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = process.standardOutput
    try process.run()
    let process = process
    var text = ""
    let isUp = try await eventually {
      text = try String(contentsOfFile: output, encoding: .utf8)
      return text.contains("page: ") && text.hasSuffix("\n") || !process.isRunning
    }
    guard isUp, process.isRunning, let range = text.firstRange(of: /https?:\/\/127\.0\.0\.1:[0-9]+/) else {
      throw GatewayFailure(output: text)
    }
    url = String(text[range])
    pageKey = text.firstMatch(of: /#key=([^\s]+)/).map { String($0.1) } ?? ""
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  var processID: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }
  func send(_ signal: Int32) { kill(processID, signal) }
}

/// A gateway that did not start: what it printed.
struct GatewayFailure: Error, CustomStringConvertible {
  let output: String
  var description: String { "the gateway did not start: \(output)" }
}

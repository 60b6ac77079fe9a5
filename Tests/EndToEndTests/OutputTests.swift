import Foundation
import Glibc
import RPC
import TestSupport
import Testing
import WorkbenchAPI

/// Where a daemon's log can go.
enum LogPlace: String, CaseIterable, CustomTestStringConvertible {
  case fullDisk = "a full disk"
  case closedReader = "a pipe without a reader"
  case idleReader = "a pipe that nobody reads"
  case closed = "nowhere: standard output and error are closed"

  var testDescription: String { rawValue }
}

@Suite("A log that cannot be written", .serialized) struct OutputTests {
  @Test(
    "The daemon answers, counts the lines that are lost, and ends at SIGTERM", arguments: LogPlace.allCases,
    ["text", "json"])
  func daemon(place: LogPlace, format: String) async throws {
    let folder = try TemporaryFolder()
    let pipe = Pipe()
    defer { withExtendedLifetime(pipe) {} }
    let daemon = try ShellDaemon(
      folder, ["--log-level", "info", "--log-format", format],
      redirection: place == .closed ? ">&- 2>&-" : place == .fullDisk ? "2>/dev/full" : "", error: pipe)
    if place == .closedReader { try pipe.fileHandleForReading.close() }

    // Each put is a line of the log.
    var put = ProtoPutTemplateRequest()
    put.source = "{{ messages[0].content }}"
    for number in 0..<1000 {
      put.name = "t\(number % 50)"
      _ = try await daemon.call(TemplatesMethods.put, put)
      if number % 50 == 49 { try await daemon.removeTemplates() }
    }
    #expect(try await daemon.call(HealthMethods.check, .init()).status == .serving)
    let lost = try await daemon.call(DaemonMethods.status, ProtoDaemonStatusRequest()).logLinesLost
    switch place {
    case .fullDisk, .closedReader, .closed: #expect(lost >= 1000)
    // How many fit depends on the size of the pipe.
    case .idleReader: break
    }
    kill(daemon.processID, SIGTERM)
    #expect(await daemon.waitForExit() == 0)
  }

  @Test("Why a daemon does not start is JSON where the log is", arguments: ["command line", "file"])
  func fatal(place: String) async throws {
    let folder = try TemporaryFolder()
    try folder.write("c.yaml", Array("log_format: json\nmodels: [{path: /nonexistent.gguf}]\n".utf8))
    let arguments =
      place == "file"
      ? ["--config", folder.file("c.yaml")]
      : ["--log-format", "json", "--config", folder.file("absent.yaml")]
    let result = try await run(
      Products.url("workbenchd"), ["--socket", folder.file("d.sock")] + arguments,
      environment: ["XDG_DATA_HOME": folder.path, "XDG_STATE_HOME": folder.path])
    #expect(result.status == 1)
    let lines = try result.error.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
    #expect(lines.last?["level"] as? String == "critical")
    #expect((lines.last?["message"] as? String)?.contains(place == "file" ? "nonexistent" : "absent") == true)
  }

  @Test("A pipe as configuration, model or tokenizer is refused, and keeps nobody waiting")
  func pipes() async throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    let result = try await run(
      Products.url("workbenchd"), ["--state", "none", "--config", folder.file("pipe")])
    #expect(result.status == 1 && result.error.contains("not a regular file"), "\(result.error)")

    let daemon = try await TestDaemon(folder: folder)
    #expect(await failure { try await daemon.load(folder.file("pipe"), name: "m") }?.code == .invalidArgument)
    var request = ProtoTokenizeRequest()
    request.tokenizer = folder.file("pipe")
    request.text = Data("a".utf8)
    let error = await failure {
      _ = try await daemon.channel.unary(TokenizersMethods.tokenize, request)
    }
    #expect(error?.message.contains("not a regular file") == true, "\(error?.message ?? "none")")
  }
}

/// A daemon that a shell has started with some of its descriptors redirected.
private final class ShellDaemon: Sendable {
  private let process: Process
  private let channel: Channel

  init(_ folder: TemporaryFolder, _ arguments: [String], redirection: String, error: Pipe) throws {
    let socket = folder.file("d.sock")
    process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      ["-c", "exec \"$@\" \(redirection)", "sh", Products.url("workbenchd").path, "--socket", socket]
      + arguments
    process.environment = ProcessInfo.processInfo.environment.merging([
      "XDG_DATA_HOME": folder.path, "XDG_STATE_HOME": folder.path,
    ]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardError = error
    try process.run()
    channel = try Channel(to: .unix(socket))
  }

  deinit {
    channel.close()
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  var processID: Int32 { process.processIdentifier }

  func call<Request, Response>(_ method: Method<Request, Response>, _ request: Request) async throws
    -> Response
  {
    var options = CallOptions(timeout: .seconds(3600))
    options.waitForReady = true
    return try await channel.unary(method, request, options: options)
  }

  func removeTemplates() async throws {
    for number in 0..<50 {
      var remove = ProtoRemoveTemplateRequest()
      remove.name = "t\(number)"
      _ = try await call(TemplatesMethods.remove, remove)
    }
  }

  func waitForExit() async -> Int32 {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [process] in
        process.waitUntilExit()
        continuation.resume(returning: process.terminationReason == .exit ? process.terminationStatus : -1)
      }
    }
  }
}

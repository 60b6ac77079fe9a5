import Foundation
import Glibc
import RPC
import TestSupport
import WorkbenchAPI

/// A real `workbenchd` in a folder of its own, as a user would start it.
final class TestDaemon: Sendable {
  let folder: TemporaryFolder
  let socket: String
  let channel: Channel
  private let process: Process

  /// Starts the daemon and returns when it listens.
  ///
  /// - Parameters:
  ///   - log: The file of its log; nil: the log of the tests.
  ///   - lacking: Means of locking processes in that its kernel seems not to have; needs Python.
  init(
    _ arguments: [String] = [], folder: TemporaryFolder? = nil, log: String? = nil, lacking: [String] = []
  ) async throws {
    self.folder = try folder ?? TemporaryFolder()
    socket = self.folder.file("d.sock")
    process = Process()
    process.executableURL = Products.url("workbenchd")
    process.arguments = ["--socket", socket, "--log-level", "error"] + arguments
    if !lacking.isEmpty, let python = InteroperationTests.python {
      let script = InteroperationTests.root.appendingPathComponent("Tests/EndToEndTests/Python/without.py")
      process.executableURL = URL(fileURLWithPath: python)
      process.arguments?.insert(
        contentsOf: [script.path, lacking.joined(separator: ","), Products.url("workbenchd").path], at: 0)
    }
    process.standardInput = FileHandle.nullDevice
    // What the person who runs the tests has among their plugins is not theirs to find, nor what a daemon of theirs keeps.
    process.environment = ProcessInfo.processInfo.environment.merging([
      "XDG_DATA_HOME": self.folder.path, "XDG_STATE_HOME": self.folder.path,
    ]) { $1 }
    if let log {
      _ = FileManager.default.createFile(atPath: log, contents: nil)
      process.standardError = FileHandle(forWritingAtPath: log)
    }
    try process.run()
    channel = try Channel(to: .unix(socket))
    var options = CallOptions(timeout: .seconds(3600))
    options.waitForReady = true
    _ = try await channel.unary(DaemonMethods.status, ProtoDaemonStatusRequest(), options: options)
  }

  deinit {
    channel.close()
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  var processID: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  func send(_ signal: Int32) { kill(processID, signal) }

  /// The status with which it left.
  func waitForExit() async -> Int32 {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [process] in
        process.waitUntilExit()
        continuation.resume(returning: process.terminationStatus)
      }
    }
  }

  func status() async throws -> ProtoDaemonStatusResponse {
    try await channel.unary(DaemonMethods.status, ProtoDaemonStatusRequest())
  }

  /// Loads a file and returns the model.
  @discardableResult
  func load(_ path: String, name: String, _ configure: (inout ProtoLoadModelRequest) -> Void = { _ in })
    async throws -> ProtoModel
  {
    var request = ProtoLoadModelRequest()
    request.path = path
    request.name = name
    configure(&request)
    var model: ProtoModel?
    for try await response in try await channel.serverStreaming(ModelsMethods.load, request) {
      if case .model(let loaded) = response.event { model = loaded }
    }
    guard let model else { throw RPCError(.internal, "a load ended without a model") }
    return model
  }

  func model(_ name: String) async throws -> ProtoModel {
    var request = ProtoGetModelRequest()
    request.name = name
    return try await channel.unary(ModelsMethods.get, request).model
  }

  /// Continues a text to the end.
  func generate(
    _ model: String, _ text: String, _ configure: (inout ProtoGenerationOptions) -> Void = { _ in }
  )
    async throws -> Completion
  {
    var completion = Completion()
    let request = ProtoGenerateRequest.continuing(text, of: model, configure)
    for try await response in try await channel.serverStreaming(GenerationMethods.generate, request) {
      completion.add(response)
    }
    return completion
  }
}

/// What a stream said.
struct Completion: Sendable, Equatable {
  var start: ProtoGenerationStart?
  var ids: [UInt32] = []
  var text = ""
  var finish: ProtoGenerationFinish?

  mutating func add(_ response: ProtoGenerationResponse) {
    if response.hasStart { start = response.start }
    ids += response.tokens.map(\.id)
    text += response.text
    if response.hasFinish { finish = response.finish }
  }
}

extension ProtoGenerateRequest {
  static func continuing(
    _ text: String, of model: String, _ configure: (inout ProtoGenerationOptions) -> Void = { _ in }
  ) -> ProtoGenerateRequest {
    var request = ProtoGenerateRequest()
    request.model = model
    request.text = text
    request.options.maxTokens = 16
    request.options.sampling.temperature = 0
    configure(&request.options)
    return request
  }
}

extension ProtoMessage {
  /// A message of the user.
  static func user(_ text: String) -> ProtoMessage {
    var message = ProtoMessage()
    message.role = "user"
    message.content = text
    return message
  }
}

/// The status that a call failed with; nil when it did not, or with something else.
func failure(_ body: () async throws -> Void) async -> RPCError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? RPCError
  }
}

/// The binaries that were built beside this test, or those in the folder that WORKBENCH_TEST_PRODUCTS names.
enum Products {
  private static let folder = ProcessInfo.processInfo.environment["WORKBENCH_TEST_PRODUCTS"]

  static func url(_ name: String) -> URL {
    if let folder { return URL(fileURLWithPath: folder).appendingPathComponent(name) }
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return own.deletingLastPathComponent().appendingPathComponent(name)
  }
}

/// What the kernel says of other processes.
enum ProcessTable {
  static func exists(_ pid: Int32) -> Bool { kill(pid, 0) == 0 }

  /// Whether it runs; an orphan that has ended exists until the system's first process asks for its status.
  static func runs(_ pid: Int32) -> Bool {
    guard exists(pid) else { return false }
    let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
    // The state follows the name, which may hold anything and ends with the last parenthesis.
    let state = status.split(separator: ")").last?.split(separator: " ").first
    return state != "Z" && state != "X"
  }

  static func children(of pid: Int32) -> [Int32] {
    let path = "/proc/\(pid)/task"
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return tasks.flatMap { task -> [Int32] in
      let text = (try? String(contentsOfFile: "\(path)/\(task)/children", encoding: .utf8)) ?? ""
      return text.split(separator: " ").compactMap { Int32($0) }
    }
  }

  /// How much sooner than others the kernel ends it when memory runs out, -1000 to 1000.
  static func memoryKillerScore(of pid: Int32) -> Int? {
    let text = try? String(contentsOfFile: "/proc/\(pid)/oom_score_adj", encoding: .utf8)
    return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  static func descriptors(of pid: Int32) -> Int {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []).count
  }
}

/// Asks until the answer is yes, or for long enough that it never will be.
func eventually(within limit: Duration = .seconds(1200), _ condition: () async throws -> Bool) async throws
  -> Bool
{
  let end = ContinuousClock.now + limit
  repeat {
    if try await condition() { return true }
    try await Task.sleep(for: .milliseconds(20))
  } while ContinuousClock.now < end
  return false
}

/// A tool to its end: status, standard output and error.
func run(_ executable: URL, _ arguments: [String], environment: [String: String] = [:], input: String? = nil)
  async throws -> (status: Int32, output: String, error: String)
{
  let process = Process()
  process.executableURL = executable
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  let folder = try TemporaryFolder()
  let files = try ["in", "out", "err"].map { name in
    let path = try folder.write(name, name == "in" ? Array((input ?? "").utf8) : [])
    return try FileHandle(forUpdating: URL(fileURLWithPath: path))
  }
  process.standardInput = files[0]
  process.standardOutput = files[1]
  process.standardError = files[2]
  try process.run()
  await withCheckedContinuation { continuation in
    Thread.detachNewThread {
      process.waitUntilExit()
      continuation.resume()
    }
  }
  func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder.file(name), encoding: .utf8)
  }
  return (process.terminationStatus, try text("out"), try text("err"))
}

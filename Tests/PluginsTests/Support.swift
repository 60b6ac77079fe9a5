import Glibc
import Plugins
import Runtime
import Synchronization
import WorkerProtocol

/// Libraries compiled for these tests, in a folder that goes away with the process.
enum Libraries {
  static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/")
  static let misbehaving = source("Tests/PluginsTests/Misbehaving/misbehaving.c")
  static let throwing = source("Tests/PluginsTests/Misbehaving/throwing.cpp")
  static let inService = source("Tests/PluginsTests/Misbehaving/in_service.c")
  static let hostile = source("Tests/PluginsTests/Misbehaving/hostile.c")
  static let mutated = source("Tests/PluginsTests/Misbehaving/mutated.c")
  static let teachingSampler = source("plugins/teaching_sampler.c")
  static let teachingTemplate = source("plugins/teaching_template.c")
  static let teachingTokenizer = source("plugins/teaching_tokenizer.c")
  static let jitter = source("plugins/cpp-sampler/jitter.cpp")

  /// A temporary folder.
  static let folder: String = {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/workbench-plugins.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return "/tmp" }
    let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "/tmp" }
    removal.withLock { $0 = path }
    atexit { _ = Libraries.removal.withLock { run(["/bin/rm", "-rf", $0]) } }
    return path
  }()
  private static let removal = Mutex("")

  /// Compiles a file of the package with warnings as errors; the path of the library, or what the compiler said.
  private static func source(_ file: String) -> Result<String, CompilerError> {
    let isCpp = file.hasSuffix(".cpp")
    let name = String(file.split(separator: "/").last ?? "library")
    let library = "\(folder)/\(name).so"
    let compiler = isCpp ? ["c++", "-std=c++11"] : ["cc", "-std=gnu11"]
    let flags = ["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    let paths = ["-I", "\(root)/Sources/CWorkbenchPlugin/include", "-o", library, "\(root)/\(file)", "-lm"]
    let ended = run(["/usr/bin/env"] + compiler + flags + paths)
    guard ended.status == 0 else { return .failure(CompilerError(said: ended.text)) }
    return .success(library)
  }

  /// Compiles a text of C.
  static func compile(_ text: String, _ name: String) throws -> String {
    let (source, library) = ("\(folder)/\(name).c", "\(folder)/\(name).so")
    try write(Array(text.utf8), source)
    let include = "\(root)/Sources/CWorkbenchPlugin/include"
    let ended = run(["/usr/bin/env", "cc", "-shared", "-fPIC", "-I", include, "-o", library, source])
    guard ended.status == 0 else { throw CompilerError(said: ended.text) }
    return library
  }

  static func write(_ bytes: [UInt8], _ path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw CompilerError(said: "cannot write \(path)") }
    defer { close(descriptor) }
    _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
  }

  static func read(_ path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    return drain(descriptor)
  }
}

struct CompilerError: Error, CustomStringConvertible {
  let said: String
  var description: String { said }
}

/// How a program ended and what it wrote to standard output and error.
struct Ended {
  var waitStatus: Int32
  var output: [UInt8]
  var status: Int32 { waitStatus & 0x7F == 0 ? (waitStatus >> 8) & 0xFF : -1 }
  var text: String { String(decoding: output, as: UTF8.self) }
}

/// Runs a program to its end, at most a minute.
@discardableResult
func run(_ words: [String], environment: [String] = []) -> Ended {
  var pipes: [Int32] = [-1, -1]
  guard pipe(&pipes) == 0 else { return Ended(waitStatus: 1 << 8, output: []) }
  for end in pipes { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
  posix_spawn_file_actions_adddup2(&actions, pipes[1], 2)
  var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
  let names: [String] = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"]
  let inherited = names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
  // A crash is expected; a backtrace would only take time.
  let all = inherited + ["SWIFT_BACKTRACE=enable=no"] + environment
  var variables: [UnsafeMutablePointer<CChar>?] = all.map { strdup($0) } + [nil]
  defer { for word in arguments + variables { free(word) } }
  var process: pid_t = 0
  let result = posix_spawn(&process, words[0], &actions, nil, &arguments, &variables)
  close(pipes[1])
  defer { close(pipes[0]) }
  guard result == 0 else {
    return Ended(waitStatus: 127 << 8, output: Array("cannot start \(words[0])".utf8))
  }
  let output = drain(pipes[0], killing: process)
  var status: Int32 = 0
  waitpid(process, &status, 0)
  return Ended(waitStatus: status, output: output)
}

/// Reads to the end; ends `process` when that takes more than a minute.
func drain(_ descriptor: Int32, killing process: pid_t? = nil) -> [UInt8] {
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 65536)
  while true {
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    if let process, poll(&poller, 1, 60_000) == 0 { kill(process, SIGKILL) }
    let count = block.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    guard count > 0 else { return bytes }
    bytes += block[..<count]
  }
}

private let reports = Atomic<Int>(0)

/// Tries a library in a process of its own.
func trial(_ library: String, environment: [String] = []) throws -> TrialVerdict {
  guard let probe else { throw CompilerError(said: "PluginProbe is not built") }
  let report = "\(Libraries.folder)/report.\(reports.add(1, ordering: .relaxed).newValue)"
  let ended = run([probe, library, "1000", "10000", report], environment: environment)
  return TrialVerdict(
    report: Libraries.read(report), end: .exit(WorkerExit(waitStatus: ended.waitStatus)))
}

/// The executable that SwiftPM builds beside the tests.
private let probe: String? = {
  var buffer = [CChar](repeating: 0, count: 4096)
  let length = readlink("/proc/self/exe", &buffer, buffer.count)
  guard length > 0 else { return nil }
  let own = String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
  // The tests run inside the test bundle or under a helper of the toolchain's; the bundle is named in the arguments.
  for candidate in [own] + CommandLine.arguments {
    guard let slash = candidate.lastIndex(of: "/") else { continue }
    let path = candidate[..<slash] + "/PluginProbe"
    if access(String(path), X_OK) == 0 { return String(path) }
  }
  return nil
}()

import Concurrency
import Glibc
import Runtime
import TestSupport
import Testing
import WorkerProtocol

@testable import DaemonRole

@Suite("A child process with a socket to us") struct ChildProcessTests {
  private func shell(_ script: String, record: Int32? = nil, isSilent: Bool = false) throws -> ChildProcess {
    try ChildProcess(
      executable: "/bin/sh", arguments: ["sh", "-c", script], record: record, isSilent: isSilent)
  }

  /// Lets go of the output of the tests, whose runner waits for its end: if they crash, nobody ends the child.
  private static let quiet = "exec >/dev/null 2>&1; "

  /// Everything that a child writes to its socket.
  private func output(_ process: ChildProcess) async throws -> String {
    let descriptor = process.descriptor
    let bytes = try await OwnThread.run {
      defer { close(descriptor) }
      var bytes: [UInt8] = []
      var block = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = block.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return bytes }
        bytes += block[..<count]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(
    "The end of a child is told as it was",
    arguments: [
      ("exit 0", WorkerExit.status(0)), ("exit 3", .status(3)), ("exit 97", .hungPlugin),
      ("exit 98", .corruptingPlugin), ("kill -SEGV $$", .signal(11)), ("kill -KILL $$", .signal(9)),
    ])
  func ends(script: String, end: WorkerExit) async throws {
    let process = try shell(script)
    #expect(await process.waitForExit() == end)
    #expect(!process.isAlive)
    // Whoever asks later gets the same answer.
    #expect(await process.waitForExit() == end)
    close(process.descriptor)
  }

  @Test("A child that is ended by us was ended by signal 9, however often we ask") func terminated()
    async throws
  {
    let process = try shell("read line <&4")
    #expect(process.isAlive)
    process.terminate()
    process.terminate()
    #expect(await process.waitForExit() == .signal(9))
    process.terminate()
    close(process.descriptor)
  }

  @Test("A child finds its socket, the lifeline and the record where it looks, and nothing else of ours")
  func descriptors() async throws {
    // Open for a child too, as a careless library leaves its files, and at a number that nobody else uses.
    let leak = fcntl(STDOUT_FILENO, F_DUPFD, 300)
    #expect(leak >= 300)
    defer { close(leak) }
    let recorder = try #require(FlightRecorder(lines: 1))
    let process = try shell(
      "for n in /proc/self/fd/*; do echo ${n##*/} $(readlink $n) >&3; done", record: recorder.descriptor)
    let lines = try await output(process).split(separator: "\n")
    func target(_ number: Int32) -> Substring? {
      lines.first { $0.hasPrefix("\(number) ") }?.drop { $0 != " " }.dropFirst()
    }
    #expect(target(0) == "/dev/null")
    #expect(target(InheritedDescriptors.socket)?.hasPrefix("socket:") == true)
    #expect(target(InheritedDescriptors.lifeline)?.hasPrefix("pipe:") == true)
    #expect(target(InheritedDescriptors.record)?.contains("workbench-plugins") == true)
    // One without a target is the shell's own look at the folder.
    let targets = lines.map { $0.split(separator: " ") }.filter { $0.count > 1 }
    let numbers = targets.compactMap { Int32($0[0]) }
    #expect(numbers.count > 5 && numbers.allSatisfy { $0 < 6 }, "\(lines)")
    #expect(await process.waitForExit() == .status(0))
  }

  @Test("A silent child's output goes nowhere; its socket still reaches us") func silence() async throws {
    let process = try shell("readlink /proc/self/fd/1 /proc/self/fd/2 >&3; echo lost", isSilent: true)
    // readlink's own standard output is the socket here, so the second line tells.
    #expect(try await output(process).hasSuffix("/dev/null\n"))
    #expect(await process.waitForExit() == .status(0))
  }

  @Test(
    "A child inherits the environment, without backtraces and without the system's log, which its sandbox refuses"
  )
  func environment() async throws {
    let process = try shell("echo \"$SWIFT_BACKTRACE|$LIBDISPATCH_LOG|$PATH\" >&3")
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    #expect(try await output(process) == "enable=no|NO|\(path)\n")
    _ = await process.waitForExit()
  }

  @Test("A child is in a process group of its own, so a terminal's Ctrl-C does not reach it")
  func group() async throws {
    let process = try shell("read line <&4")
    #expect(getpgid(process.processID) == process.processID)
    process.terminate()
    _ = await process.waitForExit()
    close(process.descriptor)
  }

  @Test("The lifeline closes, and the child ends, when nobody holds the child any more") func lifeline()
    async throws
  {
    let descriptor: Int32
    do {
      // It ignores nothing but waits for the lifeline, as a worker does.
      let process = try shell("cat <&4 >/dev/null; echo gone >&3")
      descriptor = process.descriptor
      #expect(process.isAlive)
    }
    let count = try await OwnThread.run { [descriptor] in
      var byte: UInt8 = 0
      while true {
        let count = read(descriptor, &byte, 1)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return count }
      }
    }
    #expect(count <= 0)
    close(descriptor)
  }

  @Test("What a child leaves running ends with it, and does not keep its socket open") func helper()
    async throws
  {
    let process = try shell("\(Self.quiet)sleep 3600 & echo $! >&3; exit 7")
    // To the end of the socket, whose other end the helper has too.
    let helper = try #require(Int32(try await output(process).split(separator: "\n").first ?? ""))
    #expect(await process.waitForExit() == .status(7))
    while ProcessState.runs(helper) { try await Task.sleep(for: .milliseconds(10)) }
  }

  @Test("Ending a child ends what it started") func terminatedGroup() async throws {
    let process = try shell("\(Self.quiet)sleep 3600 & echo $! >&3; wait")
    var text = ""
    while !text.hasSuffix("\n") { text += try await Self.chunk(process.descriptor) }
    let helper = try #require(Int32(text.split(separator: "\n").first ?? ""))
    process.terminate()
    #expect(await process.waitForExit() == .signal(9))
    while ProcessState.runs(helper) { try await Task.sleep(for: .milliseconds(10)) }
    close(process.descriptor)
  }

  private static func chunk(_ descriptor: Int32) async throws -> String {
    try await OwnThread.run {
      var bytes = [UInt8](repeating: 0, count: 64)
      let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
  }

  @Test("An executable that does not exist is an error that says so") func missing() {
    let error = #expect(throws: WorkbenchError.self) {
      _ = try ChildProcess(executable: "/nonexistent", arguments: ["x"])
    }
    #expect(error?.kind == .resourceExhausted && error?.message.contains("No such file") == true)
  }
}

/// Whether other processes run, from `/proc`.
enum ProcessState {
  /// Whether a process runs: one that has ended and was not reaped does not.
  static func runs(_ process: Int32) -> Bool {
    guard let file = fopen("/proc/\(process)/stat", "r") else { return false }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 512)
    guard fgets(&buffer, Int32(buffer.count), file) != nil else { return false }
    let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let state = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ").dropFirst().first
    return state != "Z" && state != "X"
  }
}

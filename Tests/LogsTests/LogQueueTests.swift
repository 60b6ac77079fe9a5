import Foundation
import Glibc
import TestSupport
import Testing

@testable import Logs

@Suite("A log that nobody waits for") struct LogQueueTests {
  private func line(_ number: Int) -> [UInt8] {
    Array("line \(number) \(String(repeating: "x", count: 100))\n".utf8)
  }

  private func queue(to descriptor: Int32) throws -> LogQueue {
    try LogQueue(to: descriptor) { Array("lost \($0)\n".utf8) }
  }

  @Test("Lines come in order, and a flush returns when they are there")
  func order() async throws {
    let folder = try TemporaryFolder()
    let file = open(folder.file("log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    let queue = try queue(to: file)
    for number in 0..<500 { queue.add(line(number)) }
    await queue.flush(atMost: .seconds(3600))
    let text = try String(contentsOfFile: folder.file("log"), encoding: .utf8)
    #expect(text == (0..<500).map { String(decoding: line($0), as: UTF8.self) }.joined())
    #expect(queue.lost == 0)
  }

  @Test("A pipe that nobody reads holds nobody up; once it is read, what was lost is told and counted")
  func unread() async throws {
    var pipes: [Int32] = [-1, -1]
    #expect(pipe(&pipes) == 0)
    let queue = try queue(to: pipes[1])
    let added = 10_000
    for number in 0..<added { queue.add(line(number)) }
    #expect(queue.lost > 0)
    // Returns although nothing moves.
    await queue.flush(atMost: .milliseconds(1))

    var text = ""
    var block = [UInt8](repeating: 0, count: 1 << 16)
    var (told, written) = (0, 0)
    while told + written < added {
      let count = block.withUnsafeMutableBytes { read(pipes[0], $0.baseAddress, $0.count) }
      try #require(count > 0)
      text += String(decoding: block[..<count], as: UTF8.self)
      guard text.hasSuffix("\n") else { continue }
      let lines = text.split(separator: "\n")
      told = lines.filter { $0.hasPrefix("lost ") }.compactMap { Int($0.dropFirst(5)) }.reduce(0, +)
      written = lines.count { $0.hasPrefix("line ") }
    }
    #expect(told + written == added)
    #expect(told == queue.lost)
  }

  @Test("On a full disk, or without a reader, every line is counted as lost", arguments: [true, false])
  func refused(isFull: Bool) async throws {
    // Otherwise the first write would end this process.
    signal(SIGPIPE, SIG_IGN)
    var pipes: [Int32] = [-1, -1]
    #expect(pipe(&pipes) == 0)
    close(pipes[0])
    let queue = try queue(to: isFull ? open("/dev/full", O_WRONLY | O_CLOEXEC) : pipes[1])
    for number in 0..<100 { queue.add(line(number)) }
    await queue.flush(atMost: .seconds(3600))
    #expect(queue.lost == 100)
  }

  @Test("When the disk has room again, the first line says how many were lost")
  func again() async throws {
    let folder = try TemporaryFolder()
    let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
    let queue = try queue(to: descriptor)
    for number in 0..<3 { queue.add(line(number)) }
    await queue.flush(atMost: .seconds(3600))
    let file = open(folder.file("log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    #expect(dup2(file, descriptor) == descriptor)
    queue.add(line(3))
    await queue.flush(atMost: .seconds(3600))
    let text = try String(contentsOfFile: folder.file("log"), encoding: .utf8)
    #expect(text == "lost 3\n" + String(decoding: line(3), as: UTF8.self))
  }

  @Test("A descriptor that others made non-blocking loses nothing to a reader that is slow")
  func nonBlocking() async throws {
    var pipes: [Int32] = [-1, -1]
    #expect(pipe(&pipes) == 0 && fcntl(pipes[1], F_SETFL, O_NONBLOCK) == 0)
    let queue = try queue(to: pipes[1])
    let added = 1_000
    for number in 0..<added { queue.add(line(number)) }
    var bytes = 0
    let expected = (0..<added).reduce(0) { $0 + line($1).count }
    var block = [UInt8](repeating: 0, count: 1 << 10)
    while bytes < expected {
      let count = block.withUnsafeMutableBytes { read(pipes[0], $0.baseAddress, $0.count) }
      try #require(count > 0)
      bytes += count
    }
    #expect(queue.lost == 0)
  }
}

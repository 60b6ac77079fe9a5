import Glibc
import Synchronization
import Testing

@testable import Terminal

/// A pseudo terminal: what the test writes to `controller` is typed, what it reads is on the screen.
private final class PseudoTerminal {
  let controller: Int32
  let terminal: Int32

  init?() {
    // The requests of <asm-generic/ioctls.h>: unlock the terminal's side, and tell its number.
    let (unlock, number) = (0x4004_5431 as UInt, 0x8004_5430 as UInt)
    var (locked, index) = (0 as Int32, 0 as UInt32)
    controller = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    guard controller >= 0, ioctl(controller, unlock, &locked) == 0, ioctl(controller, number, &index) == 0
    else {
      return nil
    }
    terminal = open("/dev/pts/\(index)", O_RDWR | O_NOCTTY)
    guard terminal >= 0 else { return nil }
  }

  deinit {
    close(controller)
    close(terminal)
  }

  /// Whether lines are edited by the kernel, as they are outside raw mode.
  var isCooked: Bool {
    var settings = termios()
    tcgetattr(terminal, &settings)
    return settings.c_lflag & tcflag_t(ICANON) != 0
  }
}

/// One raw mode at a time is all that a process can put back.
@Suite(.serialized, .timeLimit(.minutes(60))) struct LineReaderTests {
  @Test("Lines are edited on a terminal, which is put back after each")
  func terminal() throws {
    let terminal = try #require(PseudoTerminal())
    var reader = LineReader(
      input: terminal.terminal, output: terminal.terminal, history: History(["old"]), term: "xterm")
    // What is typed between two lines must not be taken by the kernel, whenever it arrives there.
    var settings = termios()
    tcgetattr(terminal.terminal, &settings)
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    tcsetattr(terminal.terminal, TCSANOW, &settings)
    _ = writeAll("helo\u{1B}[Dl\n\u{1B}[A\nhalf", to: terminal.controller)
    expectEqual(reader.readLine(prompt: ">>> "), .line("hello"))
    expectEqual(reader.readLine(prompt: ">>> "), .line("old"))
    _ = writeAll("\u{3}", to: terminal.controller)
    expectEqual(reader.readLine(prompt: ">>> "), .interrupted("half"))
    _ = writeAll("\u{4}", to: terminal.controller)
    expectEqual(reader.readLine(prompt: ">>> "), .endOfInput)
    var screen = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(terminal.controller, &screen, screen.count)
    let text = String(decoding: screen[..<max(0, count)], as: UTF8.self)
    #expect(text.contains("\u{1B}[?2004h") && text.contains("\u{1B}[?2004l") && text.contains(">>> hello"))
  }

  @Test("Raw mode ends with its value")
  func restored() throws {
    let terminal = try #require(PseudoTerminal())
    #expect(terminal.isCooked)
    if let raw = RawMode.begin(terminal.terminal) {
      #expect(!terminal.isCooked)
      raw.end()
    }
    #expect(terminal.isCooked)
    if RawMode.begin(terminal.terminal) != nil {
      // The value has gone already.
      #expect(terminal.isCooked)
    }
    if RawMode.begin(-1) != nil { Issue.record("a raw mode without a terminal") }
  }

  @Test("Without a terminal, lines are read as they are")
  func plain() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { close(ends[0]) }
    _ = writeAll("one\r\n\n한글", to: ends[1])
    close(ends[1])
    var reader = LineReader(input: ends[0], output: ends[0])
    expectEqual(reader.readLine(prompt: ">>> "), .line("one"))
    expectEqual(reader.readLine(prompt: ">>> "), .line(""))
    expectEqual(reader.readLine(prompt: ">>> "), .line("한글"))
    expectEqual(reader.readLine(prompt: ">>> "), .endOfInput)
  }

  @Test("Without a terminal, bytes that are not UTF-8 are told and not replaced")
  func notUTF8() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { close(ends[0]) }
    _ = writeAll([0x61, 0xE9, 0x0A, 0x62, 0x0A, 0xFF], to: ends[1])
    close(ends[1])
    var reader = LineReader(input: ends[0], output: ends[0])
    expectEqual(reader.readLine(prompt: ""), .notUTF8(byte: 2))
    expectEqual(reader.readLine(prompt: ""), .line("b"))
    expectEqual(reader.readLine(prompt: ""), .notUTF8(byte: 1))
  }
}

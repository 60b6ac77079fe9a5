import Glibc
import Synchronization

/// A terminal that hands over every key as it is typed, until this value ends.
///
/// The terminal is put back when the program exits and when a signal ends it.
struct RawMode: ~Copyable {
  private let descriptor: Int32

  /// Makes a terminal raw; nil when it is none.
  static func begin(_ descriptor: Int32) -> RawMode? {
    var settings = termios()
    guard tcgetattr(descriptor, &settings) == 0 else { return nil }
    Restoration.arm(descriptor, settings)
    settings.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INPCK | ISTRIP | IXON)
    settings.c_cflag |= tcflag_t(CS8)
    settings.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
    withUnsafeMutableBytes(of: &settings.c_cc) { characters in
      characters[Int(VMIN)] = 1
      characters[Int(VTIME)] = 0
    }
    guard tcsetattr(descriptor, TCSADRAIN, &settings) == 0 else {
      Restoration.restore()
      return nil
    }
    _ = writeAll("\u{1B}[?2004h", to: descriptor)
    return RawMode(descriptor: descriptor)
  }

  private init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Puts the terminal back.
  consuming func end() {
    Restoration.restore()
    discard self
  }

  deinit { Restoration.restore() }
}

/// What puts the terminal back, whoever calls: the end of raw mode, `exit`, or a signal's handler.
private enum Restoration {
  private static let armed = Atomic<Bool>(false)
  private static let descriptor = Atomic<Int32>(-1)
  // Written before `armed` is set and read only after it was seen set.
  nonisolated(unsafe) private static let saved = UnsafeMutablePointer<termios>.allocate(capacity: 1)
  private static let installed: Void = install()

  static func arm(_ descriptor: Int32, _ settings: termios) {
    installed
    saved.initialize(to: settings)
    Self.descriptor.store(descriptor, ordering: .relaxed)
    armed.store(true, ordering: .releasing)
  }

  /// Safe in a signal handler: atomics, tcsetattr and write only.
  static func restore() {
    guard armed.exchange(false, ordering: .acquiringAndReleasing) else { return }
    let descriptor = descriptor.load(ordering: .relaxed)
    var pasteOff: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) =
      (0x1B, 0x5B, 0x3F, 0x32, 0x30, 0x30, 0x34, 0x6C)
    _ = write(descriptor, &pasteOff, 8)
    tcsetattr(descriptor, TCSADRAIN, saved)
  }

  private static func install() {
    atexit { Restoration.restore() }
    for number in [SIGTERM, SIGHUP, SIGQUIT] {
      var old = sigaction()
      // A program that ignores or handles the signal keeps its way.
      guard sigaction(number, nil, &old) == 0, old.__sigaction_handler.sa_handler == nil else { continue }
      signal(number) { number in
        Restoration.restore()
        signal(number, SIG_DFL)
        raise(number)
      }
    }
    // A handler that does nothing, so that a changed window ends a waiting read and the line is drawn anew.
    var resized = sigaction()
    resized.__sigaction_handler.sa_handler = { _ in }
    sigaction(SIGWINCH, &resized, nil)
  }
}

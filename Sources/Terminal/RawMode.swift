import Glibc
import Synchronization

/// A terminal in raw mode, which delivers each key as it is typed, for the lifetime of this value.
///
/// The terminal is also restored when the program exits or a signal ends it.
struct RawMode: ~Copyable {
  private let descriptor: Int32

  /// Puts a terminal into raw mode; nil if the descriptor is not a terminal.
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

  /// Restores the terminal.
  consuming func end() {
    Restoration.restore()
    discard self
  }

  deinit { Restoration.restore() }
}

/// Restores the terminal, from the end of raw mode, from `exit` or from a signal handler.
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
      // A signal that the program already ignores or handles stays as it is.
      guard sigaction(number, nil, &old) == 0, old.__sigaction_handler.sa_handler == nil else { continue }
      signal(number) { number in
        Restoration.restore()
        signal(number, SIG_DFL)
        raise(number)
      }
    }
    // An empty handler, so that a resize interrupts a blocked read and the line is redrawn.
    var resized = sigaction()
    resized.__sigaction_handler.sa_handler = { _ in }
    sigaction(SIGWINCH, &resized, nil)
  }
}

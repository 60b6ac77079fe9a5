import Glibc

/// Terminals whose user has typed already.
enum Typed {
  /// Keeps conversations out of the user's own history.
  static let withoutHistory: Void = { setenv("XDG_STATE_HOME", "/dev/null/nowhere", 1) }()

  /// A terminal with lines typed ahead.
  static func terminal(_ text: String) -> (controller: Int32, terminal: Int32) {
    // The requests of <asm-generic/ioctls.h>: unlock the terminal's side, and tell its number.
    let (unlock, number) = (0x4004_5431 as UInt, 0x8004_5430 as UInt)
    var (locked, index) = (0 as Int32, 0 as UInt32)
    let controller = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    _ = ioctl(controller, unlock, &locked)
    _ = ioctl(controller, number, &index)
    let terminal = open("/dev/pts/\(index)", O_RDWR | O_NOCTTY)
    let bytes = Array(text.utf8)
    _ = write(controller, bytes, bytes.count)
    return (controller, terminal)
  }
}

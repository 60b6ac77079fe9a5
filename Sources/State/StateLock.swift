import Glibc
import Runtime
import Synchronization

/// The right to use a state file, which one process has at a time; the kernel takes it back when the process ends.
final class StateLock: Sendable {
  private let descriptor: Mutex<Int32>

  /// Takes the right by a lock on `PATH.lock`.
  ///
  /// - Throws: `WorkbenchError` when another daemon has it.
  init(of path: String) throws {
    let file = path + ".lock"
    let descriptor = Glibc.open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw WorkbenchError(
        .failedPrecondition, "cannot create '\(file)': \(StateError.reason()); \(StateError.advice)")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let owner = Self.text(of: descriptor)
      close(descriptor)
      throw WorkbenchError(
        .failedPrecondition,
        "the state file '\(path)' is in use by another daemon\(owner.isEmpty ? "" : " (process \(owner))"); "
          + "stop it, or give this one another file with --state FILE")
    }
    // Who has it, for the message above; the lock holds without.
    let text = Array("\(getpid())\n".utf8)
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    self.descriptor = Mutex(descriptor)
  }

  deinit { release() }

  /// Gives it back.
  func release() {
    descriptor.withLock { descriptor in
      if descriptor >= 0 { close(descriptor) }
      descriptor = -1
    }
  }

  private static func text(of descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)).prefix { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self)
  }
}

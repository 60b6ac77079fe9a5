import CGRPC
import Glibc

/// The file of a unix socket: checked, locked against a second server, and taken over when its owner has died.
struct SocketPath: ~Copyable {
  /// The listening socket; whoever accepts closes it.
  let listener: Int32
  private let path: String
  private let lock: Int32
  private let file: (device: UInt64, number: UInt64)

  /// Throws INVALID_ARGUMENT for a path that a socket cannot have.
  static func check(_ path: String) throws(RPCError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw RPCError(.invalidArgument, "the path of a unix socket must not be empty or contain a NUL byte")
    }
    guard path.utf8.count <= Limits.socketPathBytes else {
      throw RPCError(
        .invalidArgument,
        "the socket path has \(path.utf8.count) bytes; a unix socket allows at most \(Limits.socketPathBytes): \(path)"
      )
    }
  }

  /// Listens at a path, mode 0600.
  ///
  /// Throws ALREADY_EXISTS when a live server has the path, FAILED_PRECONDITION when anything but a socket is
  /// there, which stays as it is.
  static func listen(at path: String) throws(RPCError) -> SocketPath {
    try check(path)
    let lock = try acquireLock(path + ".lock", for: path)
    do throws(RPCError) {
      try clear(path)
      let listener = cgrpc_socket_listen_unix(path, Limits.backlog)
      guard listener >= 0 else { throw Self.failure("cannot listen at \(path)", errno: -listener) }
      var status = stat()
      guard lstat(path, &status) == 0 else {
        let reason = errno
        Glibc.close(listener)
        throw Self.failure("cannot find \(path) after creating it", errno: reason)
      }
      return SocketPath(
        listener: listener, path: path, lock: lock, file: (UInt64(status.st_dev), UInt64(status.st_ino)))
    } catch {
      Glibc.close(lock)
      throw error
    }
  }

  private init(listener: Int32, path: String, lock: Int32, file: (device: UInt64, number: UInt64)) {
    self.listener = listener
    self.path = path
    self.lock = lock
    self.file = file
  }

  /// Removes the file if it is still this server's, and lets the next server in.
  ///
  /// The lock file stays: removing it would let two servers hold a lock on two files of that name.
  deinit {
    var status = stat()
    if lstat(path, &status) == 0, UInt64(status.st_dev) == file.device, UInt64(status.st_ino) == file.number {
      unlink(path)
    }
    Glibc.close(lock)
  }

  /// Held by the kernel for as long as the descriptor is open, so a killed server leaves nothing to clean up.
  private static func acquireLock(_ name: String, for path: String) throws(RPCError) -> Int32 {
    let lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else { throw failure("cannot open the lock file \(name)", errno: errno) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let reason = errno
      Glibc.close(lock)
      if reason == EWOULDBLOCK {
        throw RPCError(.alreadyExists, "another server is listening at \(path)")
      }
      throw failure("cannot lock \(name)", errno: reason)
    }
    return lock
  }

  /// Makes the path free when only a dead server's socket is there.
  private static func clear(_ path: String) throws(RPCError) {
    var status = stat()
    if lstat(path, &status) != 0 {
      if errno == ENOENT { return }
      throw failure("cannot look at \(path)", errno: errno)
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw RPCError(.failedPrecondition, "\(path) exists and is not a socket; it was left as it is")
    }
    // The lock is taken, but a program that does not use it may still listen there.
    let probe = cgrpc_socket_connect_unix(path)
    if probe >= 0 { Glibc.close(probe) }
    guard probe == -ECONNREFUSED || probe == -ENOENT else {
      if probe >= 0 || probe == -EAGAIN {
        throw RPCError(.alreadyExists, "another server is listening at \(path)")
      }
      throw failure("cannot tell whether \(path) is in use", errno: -probe)
    }
    if unlink(path) != 0, errno != ENOENT {
      throw failure("cannot remove the stale socket \(path)", errno: errno)
    }
  }

  private static func failure(_ what: String, errno code: Int32) -> RPCError {
    RPCError(
      code == EACCES || code == EPERM ? .permissionDenied : .unavailable, "\(what): \(errorText(code))")
  }
}

/// The system's name for an error number, such as `No such file or directory`.
func errorText(_ code: Int32) -> String {
  strerror(code).map { String(cString: $0) } ?? "error \(code)"
}

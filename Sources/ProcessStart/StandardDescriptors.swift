import Glibc

/// Standard input, output and error.
public enum StandardDescriptors {
  /// Opens `/dev/null` for those that are closed, so that no file or socket gets their number, and makes a
  /// closed reader an error of `write` instead of the end of the process.
  ///
  /// Call it before anything is opened.
  public static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    while true {
      let descriptor = open("/dev/null", O_RDWR)
      guard descriptor >= 0 else { return }
      guard descriptor <= STDERR_FILENO else {
        close(descriptor)
        return
      }
    }
  }
}

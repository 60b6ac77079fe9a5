import CLinux
import Glibc
import ProcessStart

/// The entry point.
///
/// An ordinary `main`, not an asynchronous one: that would run on another thread, and SIGINT must be blocked
/// before there is any, so that all of them inherit it.
@main
enum Program {
  static func main() {
    // A closed output pipe is then an error of write(2), after which the program exits quietly.
    signal(SIGPIPE, SIG_IGN)
    // A file that reaches the limit of this process (ulimit -f) is an error of the write.
    signal(SIGXFSZ, SIG_IGN)
    // The threads of gRPC would reserve more address space for heaps of their own than all else takes.
    clinux_memory_share_heap()
    checkResources()
    Console.current.interrupts.install()
    do throws(ClientError) {
      let arguments = try RawArguments.texts(CommandLine.unsafeArgv)
      // Detached: the main thread, which would otherwise own the task, only waits.
      Task.detached { exit(await Workbench.run(arguments).rawValue) }
    } catch {
      Console.current.complain(error)
      exit(error.status.rawValue)
    }
    while true { pause() }
  }

  /// Ends the process with a message if the system does not grant what a client needs.
  private static func checkResources() {
    do throws(ResourceError) {
      try Limits.resources.check()
    } catch {
      _ = Array("workbench: \(error)\n".utf8).withUnsafeBytes {
        write(STDERR_FILENO, $0.baseAddress, $0.count)
      }
      exit(ExitStatus.failure.rawValue)
    }
  }
}

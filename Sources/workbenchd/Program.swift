import ArgumentParser
import Dispatch
import Glibc

/// The entry point of all roles.
///
/// An ordinary `main`, not an asynchronous one: what a process does to itself comes before its second thread.
@main
enum Program {
  static func main() {
    // A closed reader is then an error of write(2).
    signal(SIGPIPE, SIG_IGN)
    // A file that reaches the limit of this process (ulimit -f) is an error of the write.
    signal(SIGXFSZ, SIG_IGN)
    let command = Workbenchd.parseOrExit()
    (command as? any ProcessRole)?.prepareProcess()
    guard command is any AsyncParsableCommand else { return run(command) }
    // Reads the arguments again: a command is not Sendable.
    Task.detached {
      await Workbenchd.main()
      Workbenchd.exit()
    }
    dispatchMain()
  }

  /// Runs a command that keeps to this thread.
  private static func run(_ command: any ParsableCommand) {
    var command = command
    do {
      try command.run()
    } catch {
      Workbenchd.end(error)
    }
  }
}

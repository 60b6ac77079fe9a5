import Glibc

/// Where the program begins.
///
/// An ordinary `main`, not an asynchronous one: that would run on another thread, and SIGINT must be blocked
/// before there is any, so that all of them inherit it.
@main
enum Program {
  static func main() {
    // A reader that goes away is an error of write(2), which ends the program quietly.
    signal(SIGPIPE, SIG_IGN)
    Console.current.interrupts.install()
    let arguments = Array(CommandLine.arguments.dropFirst())
    // Detached: the main thread, which would otherwise own the task, only waits.
    Task.detached { exit(await Workbench.run(arguments).rawValue) }
    while true { pause() }
  }
}

// Tries a plugin out in a process of its own: `PluginProbe LIBRARY BUSY WAITING REPORT` writes the report of the trial to
// the file REPORT and ends with 0 when the library was accepted. A call may use BUSY milliseconds of processor time and
// last for WAITING.

import Glibc
import WorkerRole

let arguments = CommandLine.arguments
guard arguments.count == 5, let busy = Int(arguments[2]), let waiting = Int(arguments[3]) else {
  print("usage: PluginProbe LIBRARY BUSY WAITING REPORT")
  exit(64)
}
let report = open(arguments[4], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
PluginTrialMain.run(arguments[1], descriptor: report, busyMilliseconds: busy, waitingMilliseconds: waiting)

// Tries a plugin out in a process of its own: `PluginProbe LIBRARY HANG_MILLISECONDS REPORT` writes the report of the
// trial to the file REPORT and ends with 0 when the library was accepted.

import Glibc
import WorkerRole

let arguments = CommandLine.arguments
guard arguments.count == 4, let hang = Int(arguments[2]) else {
  print("usage: PluginProbe LIBRARY HANG_MILLISECONDS REPORT")
  exit(64)
}
let report = open(arguments[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
PluginTrialMain.run(arguments[1], descriptor: report, hangMilliseconds: hang)

// Tries a plugin out in a process of its own: `PluginProbe LIBRARY [HANG_MILLISECONDS]` writes the report of
// `PluginTrial` to standard output and ends with 0 when the library was accepted.

import Glibc
import Plugins

let arguments = CommandLine.arguments
guard (2...3).contains(arguments.count) else {
  print("usage: PluginProbe LIBRARY [HANG_MILLISECONDS]")
  exit(64)
}
// Where the report goes, whatever the library does to descriptor 1.
let report = fcntl(1, F_DUPFD_CLOEXEC, 100)
let hang = arguments.count == 3 ? Int(arguments[2]) : nil
let isAccepted = PluginTrial.run(
  arguments[1], hangMilliseconds: hang ?? PluginTrial.hangMilliseconds
) { line in
  let bytes = Array(line.utf8) + [10]
  _ = bytes.withUnsafeBytes { write(report, $0.baseAddress, $0.count) }
}
exit(isAccepted ? 0 : 1)

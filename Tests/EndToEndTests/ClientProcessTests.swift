import Foundation
import TestSupport
import Testing

/// The client as a shell starts it.
@Suite("The client in a shell", .serialized, .timeLimit(.minutes(60)))
struct ClientProcessTests {
  /// Runs a script of bash, where `w` is the client of a daemon with a tiny model `m`.
  private func bash(_ script: String) async throws -> (status: Int32, output: String, error: String) {
    let daemon = try await TestDaemon()
    try TinyModel.write(to: daemon.folder.file("m.gguf"))
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m")
    let client = Products.url("workbench").path
    let head = "w() { '\(client)' \"$@\"; }\nexport WORKBENCH_ADDRESS='unix:\(daemon.socket)'\n"
    return try await run(URL(fileURLWithPath: "/bin/bash"), ["-c", head + script])
  }

  @Test(
    "A loop that reads lines keeps them while a prompt is answered, and a pipe that never ends is not waited for"
  )
  func loop() async throws {
    let result = try await bash(
      """
      printf 'one\\ntwo\\nthree\\n' | while read -r line; do
        w generate m ab --max-tokens 1 > /dev/null && echo "$line"
      done
      pipe="$(mktemp -u)"; mkfifo "$pipe"; exec 3<>"$pipe"; rm "$pipe"
      w generate m ab --max-tokens 1 <&3 > /dev/null && echo done
      """)
    #expect(result.output == "one\ntwo\nthree\ndone\n", "\(result.error)")
    #expect(result.status == 0)
  }

  @Test(
    "Closed standard descriptors are errors where they are needed and nothing elsewhere",
    arguments: [
      ("w ps <&-", 0, ""), ("w ps 2>&-", 0, ""), ("w generate m ab --max-tokens 1 <&-", 0, ""),
      ("w ps >&-", 1, "standard output is closed"), ("w --help >&-", 1, "standard output is closed"),
      ("w generate m ab >&-", 1, "standard output is closed"), ("w ps <&- >&- 2>&-", 1, ""),
      ("w ps --nonsense <&- >&- 2>&-", 2, ""), ("w tokenize <&-", 2, "standard input: it is closed"),
      ("w chat <&-", 2, "standard input: it is closed"),
    ])
  func closed(_ command: String, _ status: Int32, _ error: String) async throws {
    let result = try await bash(command)
    #expect(result.status == status, "\(result.error)")
    #expect(error.isEmpty ? result.error.isEmpty : result.error.contains(error), "\(result.error)")
  }

  @Test(
    "A full disk is an error, and a reader that goes away none", arguments: ["ps", "ps --json", "--help"])
  func full(_ words: String) async throws {
    let result = try await bash("w \(words) > /dev/full")
    #expect(result.status == 1)
    #expect(result.error == "workbench: cannot write the output: No space left on device\n")
    let pipe = try await bash("{ sleep 0.1; w \(words); echo $? >&2; } | true")
    #expect(["141\n", "0\n"].contains(pipe.error), "\(pipe.error)")
  }

  @Test(
    "Exit statuses are those of the help",
    arguments: [
      ("w ps", 0), ("w ps --nonsense", 2), ("w nonsense", 2), ("w tokenize -m m $'a\\xff'", 2),
      ("w generate m ab --seed -1", 2), ("w generate m ab --temperature -1", 2), ("w show nobody", 3),
      ("w chat m Hi --template nobody", 3), ("w load /nowhere.gguf", 3), ("w template show nobody", 3),
      ("w template put x /nowhere.jinja", 3), ("w tokenize --tokenizer /nowhere.json a", 3),
      ("w tokenizer set m /nowhere.json", 3), ("w load /nowhere.gguf --tokenizer /nowhere.json", 3),
      ("w generate m ab --preset nobody", 3), ("w ps --address /nowhere.sock", 4), ("w chat m Hi", 5),
      ("w ps > /dev/full", 1), ("printf 'a\\377' > f.$$; w generate m < f.$$; s=$?; rm f.$$; exit $s", 2),
    ])
  func statuses(_ command: String, _ status: Int32) async throws {
    let result = try await bash("cd /tmp\n" + command)
    #expect(result.status == status, "\(result.error)")
    #expect(status == 0 || result.error.contains("workbench: "), "\(result.error)")
  }

  @Test("The daemon's errors begin with its name, and its help lists its options")
  func daemonArguments() async throws {
    let daemon = Products.url("workbenchd")
    for arguments in [["--nonsense"], ["nonsense"], ["--log-level", "loud"], ["--socket"]] {
      let result = try await run(daemon, arguments)
      #expect(result.status == 2 && result.output.isEmpty)
      #expect(result.error.hasPrefix("workbenchd: "), "\(result.error)")
    }
    for arguments in [["--help"], ["help"], ["-h"], ["serve", "--help"]] {
      let result = try await run(daemon, arguments)
      #expect(result.status == 0, "\(result.error)")
      for option in [
        "--socket", "--listen", "--model", "--config", "--plugin-dir", "--log-level", "--log-format",
      ] {
        #expect(result.output.contains("  \(option) <"), "\(arguments) \(option)")
      }
    }
  }
}

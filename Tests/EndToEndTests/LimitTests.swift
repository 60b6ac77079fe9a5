import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Low limits of the system") struct LimitTests {
  @Test(
    "A program that does not get what it needs says what, how much it has and what to do",
    arguments: [
      ("workbenchd", "-v 262144", "address space"), ("workbenchd", "-n 10", "file descriptors"),
      ("workbenchd", "-n 16", "file descriptors"), ("workbenchd", "-n 48", "file descriptors"),
      ("workbench", "-n 10", "file descriptors"),
    ])
  func refused(program: String, option: String, words: String) async throws {
    let folder = try TemporaryFolder()
    let result = try await limited(program, option, folder)
    #expect(result.status == 1, "\(result)")
    #expect(result.error.hasPrefix("\(program): needs ") && result.error.contains(words), "\(result)")
    #expect(result.error.contains("ulimit \(option.prefix(2))"), "\(result.error)")
    #expect(result.error.split(separator: "\n").count == 1)
  }

  @Test("What is enough for a client is not refused", arguments: ["-v 262144", "-n 16"])
  func enough(option: String) async throws {
    let result = try await limited("workbench", option, try TemporaryFolder())
    #expect(result.status == 4 && result.error.contains("no daemon answers"), "\(result)")
  }

  @Test(
    "Too few threads are told, too",
    .enabled(if: geteuid() == 0, "the superuser alone can become another user"),
    arguments: [("workbenchd", "-u 8"), ("workbenchd", "-u 12"), ("workbench", "-u 8")])
  func threads(program: String, option: String) async throws {
    let folder = try TemporaryFolder()
    #expect(chmod(folder.path, 0o777) == 0)
    // A user without any other process, to whom the limit applies as it does not to the superuser.
    let result = try await limited(
      program, option, folder, through: ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "--"])
    #expect(result.status == 1 && result.error.contains("threads to start"), "\(result)")
    #expect(result.error.contains("ulimit -u"))
  }

  private func limited(
    _ program: String, _ option: String, _ folder: TemporaryFolder, through prefix: [String] = []
  ) async throws -> (status: Int32, output: String, error: String) {
    let arguments =
      program == "workbenchd"
      ? ["--socket", folder.file("d.sock")] : ["status", "--address", "unix:/nonexistent"]
    return try await run(
      URL(fileURLWithPath: "/bin/bash"),
      ["-c", "ulimit \(option); exec \"$@\"", "sh"] + prefix + [Products.url(program).path] + arguments,
      environment: ["XDG_DATA_HOME": folder.path, "XDG_STATE_HOME": folder.path])
  }
}

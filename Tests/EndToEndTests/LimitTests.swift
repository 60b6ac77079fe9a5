import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Low limits of the system") struct LimitTests {
  private static let model = ProcessInfo.processInfo.environment["WORKBENCH_TEST_MODEL"]

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

  @Test(
    "What a client needs is enough for it, whatever its threads take at the same time",
    arguments: ["-v 262144", "-n 16"])
  func enough(option: String) async throws {
    for _ in 0..<10 {
      let result = try await limited("workbench", option, try TemporaryFolder())
      #expect(result.status == 4 && result.error.contains("no daemon answers"), "\(result)")
    }
  }

  @Test("A client that starts with little address space also works with it")
  func edge() async throws {
    var refused = 0
    for mebibytes in stride(from: 170, through: 260, by: 3) {
      let result = try await limited("workbench", "-v \(mebibytes << 10)", try TemporaryFolder())
      let isRefused =
        result.status == 1 && result.error.contains("MiB of address space beside what is in use")
      #expect(isRefused || result.status == 4, "\(mebibytes) MiB: \(result)")
      refused += isRefused ? 1 : 0
    }
    #expect((1..<31).contains(refused))
  }

  @Test(
    "A worker that gets too little address space says so, and no signal ends it",
    .enabled(if: model != nil, "needs WORKBENCH_TEST_MODEL, which make test sets"))
  func worker() async throws {
    let model = try #require(Self.model)
    var told = 0
    for mebibytes in stride(from: 1150, to: 1500, by: 25) {
      let result = try await limited(
        "workbenchd", "-v \(mebibytes << 10)", try TemporaryFolder(), ["--model", model],
        through: ["timeout", "5"])
      #expect(!result.error.contains("by signal"), "\(mebibytes) MiB: \(result.error)")
      told += result.error.contains("limit of address space") ? 1 : 0
    }
    #expect(told > 0)
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

  @Test(
    "A worker that gets too few threads says so, and no signal ends it",
    .enabled(if: geteuid() == 0, "the superuser alone can become another user"))
  func workerThreads() async throws {
    var told = 0
    let given = try TemporaryFolder()
    try TinyModel.write(to: given.file("tiny.gguf"))
    let configuration = "models:\n  - path: \(given.file("tiny.gguf"))\n    threads: 16\n"
    try given.write("config.yaml", Array(configuration.utf8))
    #expect(chmod(given.path, 0o755) == 0 && chmod(given.file("tiny.gguf"), 0o644) == 0)
    #expect(chmod(given.file("config.yaml"), 0o644) == 0)
    let least = 32 + 2 * ProcessInfo.processInfo.activeProcessorCount
    for limit in stride(from: least, through: least + 16, by: 2) {
      let folder = try TemporaryFolder()
      #expect(chmod(folder.path, 0o777) == 0)
      let result = try await limited(
        "workbenchd", "-u \(limit)", folder, ["--config", given.file("config.yaml")],
        through: ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "--", "timeout", "5"])
      #expect(!result.error.contains("by signal"), "\(limit) threads: \(result.error)")
      told += result.error.contains("the system refused to start 16 threads") ? 1 : 0
    }
    #expect(told > 0)
  }

  private func limited(
    _ program: String, _ option: String, _ folder: TemporaryFolder, _ more: [String] = [],
    through prefix: [String] = []
  ) async throws -> (status: Int32, output: String, error: String) {
    let arguments =
      program == "workbenchd"
      ? ["--socket", folder.file("d.sock")] : ["status", "--address", "unix:/nonexistent"]
    return try await run(
      URL(fileURLWithPath: "/bin/bash"),
      ["-c", "ulimit \(option); exec \"$@\"", "sh"] + prefix + [Products.url(program).path] + arguments
        + more,
      environment: ["XDG_DATA_HOME": folder.path, "XDG_STATE_HOME": folder.path])
  }
}

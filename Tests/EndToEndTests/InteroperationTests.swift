import Foundation
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Clients in other languages", .serialized)
struct InteroperationTests {
  static let python = ProcessInfo.processInfo.environment["WORKBENCH_TEST_PYTHON"]
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test(
    "Python's health and reflection clients find every service",
    .enabled(if: python != nil, "needs WORKBENCH_TEST_PYTHON, which make test sets"))
  func healthAndReflection() async throws {
    let daemon = try await TestDaemon()
    let script = Self.root.appendingPathComponent("Tests/EndToEndTests/Python/health_and_reflection.py")
    let result = try await run(try pythonURL(), [script.path, "unix:\(daemon.socket)"])
    #expect(result.status == 0, "\(result.output)\(result.error)")
    #expect(result.output.hasSuffix("ok\n"))
  }

  @Test(
    "the Python example lists templates, streams and cancels",
    .enabled(if: python != nil, "needs WORKBENCH_TEST_PYTHON, which make test sets"))
  func pythonExample() async throws {
    let daemon = try await withModel()
    let stubs = daemon.folder.file("stubs")
    let generate = Self.root.appendingPathComponent("examples/python/generate.sh")
    let generated = try await run(generate, [try pythonURL().path, stubs])
    #expect(generated.status == 0, "\(generated.error)")
    let example = Self.root.appendingPathComponent("examples/python/chat.py")
    let result = try await run(
      try pythonURL(), [example.path, "--address", "unix:\(daemon.socket)", "--stubs", stubs, "m", "Hello"])
    try check(result)
  }

  @Test(
    "The adapter for lm-evaluation-harness scores, generates and renders",
    .enabled(if: python != nil, "needs WORKBENCH_TEST_PYTHON, which make test sets"))
  func harnessAdapter() async throws {
    let daemon = try await TestDaemon()
    try TinyModel.write(to: daemon.folder.file("m.gguf"))
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m") { $0.template = "chatml" }
    let stubs = daemon.folder.file("stubs")
    let generate = Self.root.appendingPathComponent("examples/python/generate.sh")
    let generated = try await run(generate, [try pythonURL().path, stubs])
    #expect(generated.status == 0, "\(generated.error)")
    let script = Self.root.appendingPathComponent("Tests/EndToEndTests/Python/lm_eval_adapter.py")
    let adapter = Self.root.appendingPathComponent("examples/lm_eval")
    let result = try await run(
      URL(fileURLWithPath: "/usr/bin/env"),
      [
        "WORKBENCH_STUBS=\(stubs)", try pythonURL().path, script.path, "unix:\(daemon.socket)", "m",
        adapter.path,
      ])
    #expect(result.status == 0 && result.output.hasSuffix("ok\n"), "\(result.output)\(result.error)")
  }

  @Test("the C++ example lists templates, streams and cancels")
  func cppExample() async throws {
    let daemon = try await withModel()
    let build = daemon.folder.file("build")
    let made = try await run(
      URL(fileURLWithPath: "/usr/bin/make"),
      ["-C", Self.root.appendingPathComponent("examples/cpp").path, "BUILD=\(build)"])
    #expect(made.status == 0, "\(made.error)")
    let result = try await run(
      URL(fileURLWithPath: build + "/chat"), ["unix:\(daemon.socket)", "m", "Hello"])
    try check(result)
  }

  private func check(_ result: (status: Int32, output: String, error: String)) throws {
    #expect(result.status == 0, "\(result.error)")
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(lines.first?.hasPrefix("templates:") == true && lines.first?.contains("chatml") == true)
    #expect(lines.contains { $0.hasPrefix("answer: ") })
    #expect(lines.contains { $0.hasPrefix("finish: FINISH_REASON_") })
    #expect(lines.last?.hasPrefix("cancelled") == true, "\(result.output)")
  }

  private func withModel() async throws -> TestDaemon {
    let daemon = try await TestDaemon()
    try TinyModel.write(to: daemon.folder.file("m.gguf")) { $0.context = 4096 }
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m") { $0.template = "chatml" }
    return daemon
  }

  private func pythonURL() throws -> URL {
    URL(fileURLWithPath: try #require(Self.python))
  }
}

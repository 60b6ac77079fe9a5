import Foundation
import Glibc
import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Workers and plugin trials are locked in", .serialized) struct SandboxTests {
  /// A daemon with the library that tries to get out, and what it needs to find.
  private func daemon(atLoad: Bool) async throws -> TestDaemon {
    let folder = try TemporaryFolder()
    let source = PluginSource.misbehaving("breakout")
    try await PluginSource.compile(
      source, to: folder.file("breakout.so"), ["-DFOLDER=\"\(folder.path)\""] + (atLoad ? ["-DAT_LOAD"] : []))
    for name in ["m", "other"] { try TinyModel.write(to: folder.file("\(name).gguf")) }
    return try await TestDaemon(
      ["--plugin-dir", folder.path, "--log-level", "info", "--log-format", "json"], folder: folder,
      log: folder.file("log"))
  }

  /// The lines of a daemon's log about what a sandbox refused.
  private func refusals(_ daemon: TestDaemon) throws -> [[String: Any]] {
    let text = try String(contentsOfFile: daemon.folder.file("log"), encoding: .utf8)
    return try text.split(separator: "\n").compactMap { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return object?["what"] == nil ? nil : object
    }
  }

  @Test("A plugin in a worker gets no connection, no file and no other process; each attempt is in the log")
  func worker() async throws {
    let daemon = try await daemon(atLoad: false)
    let means = try await daemon.status().sandbox
    try #require(Set(means).isSuperset(of: ["landlock files", "landlock signals", "seccomp"]), "\(means)")
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m")
    let error = await failure {
      _ = try await daemon.generate("m", "a") { options in
        options.sampling.clearTemperature()
        var stage = ProtoSamplerStage()
        stage.name = "breakout"
        stage.parameters = ["attempt": 7]
        options.sampling.chain = [stage]
      }
    }
    let expected =
      "tcp=\(EACCES) daemon=\(EACCES) write=\(EACCES) read=\(EACCES) kill=\(EPERM) remove=\(EACCES)."
    #expect(error?.message.contains(expected) == true, "\(error?.message ?? "no error")")
    #expect(access(daemon.folder.file("written"), F_OK) != 0)
    #expect(access(daemon.folder.file("other.gguf"), F_OK) == 0)

    let folder = daemon.folder.path
    let expectedAttempts: Set = [
      "socket", "connect", "unlink", "write to \(folder)/written", "open \(folder)/other.gguf",
    ]
    let areTold = try await eventually {
      Set(try refusals(daemon).compactMap { $0["what"] as? String }) == expectedAttempts
    }
    let told = try refusals(daemon)
    #expect(areTold, "\(told)")
    let plugins = try refusals(daemon).map { $0["plugins"] as? [String] }
    #expect(plugins.allSatisfy { $0 == ["\(folder)/breakout.so"] }, "\(plugins)")

    // Files that clients name are opened for the worker, now and later.
    try await daemon.load(daemon.folder.file("other.gguf"), name: "other")
    #expect(try await daemon.generate("other", "a").finish != nil)
    var request = ProtoTokenizeRequest()
    request.tokenizer = daemon.folder.file("other.gguf")
    request.text = Data("ab".utf8)
    #expect(try await !daemon.channel.unary(TokenizersMethods.tokenize, request).tokens.isEmpty)
  }

  @Test("Workers that do nothing but their work attempt nothing that is refused") func ordinary() async throws
  {
    let folder = try TemporaryFolder()
    try TinyModel.write(to: folder.file("m.gguf"))
    let daemon = try await TestDaemon(
      ["--log-level", "warning", "--log-format", "json"], folder: folder, log: folder.file("log"))
    for number in 0..<3 {
      try await daemon.load(folder.file("m.gguf"), name: "m\(number)")
      #expect(try await daemon.generate("m\(number)", "a").finish != nil)
      var request = ProtoRenderTemplateRequest()
      request.source = "{{ strftime_now('%H') }}{{ messages[0].content }}"
      request.messages = [.user("a")]
      _ = try await daemon.channel.unary(TemplatesMethods.render, request)
    }
    // What workers attempted is told before it ends.
    daemon.send(SIGTERM)
    #expect(await daemon.waitForExit() == 0)
    let refusals = try refusals(daemon)
    #expect(refusals.isEmpty, "\(refusals)")
  }

  @Test(
    "Where the kernel lacks means, the others hold, models load and answer, and one warning says that none is left",
    .enabled(if: InteroperationTests.python != nil, "needs WORKBENCH_TEST_PYTHON, which make test sets"),
    arguments: [["landlock"], ["seccomp"], ["namespaces"], ["landlock", "seccomp", "namespaces"]])
  func lesserKernel(_ lacking: [String]) async throws {
    let folder = try TemporaryFolder()
    try TinyModel.write(to: folder.file("m.gguf"))
    let log = folder.file("log")
    let daemon = try await TestDaemon(["--log-level", "warning"], folder: folder, log: log, lacking: lacking)
    let means = try await daemon.status().sandbox
    let prefixes = ["landlock": "landlock", "seccomp": "seccomp", "namespaces": "network namespace"]
    for (name, prefix) in prefixes {
      #expect(means.contains { $0.hasPrefix(prefix) } == !lacking.contains(name), "\(means)")
    }
    try await daemon.load(folder.file("m.gguf"), name: "m")
    #expect(try await daemon.generate("m", "a").finish != nil)
    let warnings =
      try String(contentsOfFile: log, encoding: .utf8)
      .components(separatedBy: "are not locked in").count - 1
    #expect(warnings == (means.isEmpty ? 1 : 0))
  }

  @Test("A plugin that tries to get out during its trial is refused with what it tried")
  func trial() async throws {
    let daemon = try await daemon(atLoad: true)
    let plugins = try await daemon.channel.unary(PluginsMethods.list, ProtoListPluginsRequest()).plugins
    let plugin = try #require(plugins.first)
    #expect(plugin.state == .refused && plugin.reason.contains("tried what no plugin may"), "\(plugin)")
    #expect(access(daemon.folder.file("written"), F_OK) != 0)
    #expect(access(daemon.folder.file("other.gguf"), F_OK) == 0)
    let areTold = try await eventually { try refusals(daemon).count >= 5 }
    #expect(areTold)
  }
}

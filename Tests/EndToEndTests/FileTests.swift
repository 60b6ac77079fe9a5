import Foundation
import Glibc
import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Files that change or cannot be read while the daemon runs", .serialized)
struct FileTests {
  private func templates(_ daemon: TestDaemon) async throws -> [String: UInt32] {
    let list = try await daemon.channel.unary(TemplatesMethods.list, ProtoListTemplatesRequest()).templates
    return Dictionary(
      uniqueKeysWithValues: list.filter { $0.origin == "plugin" }.map { ($0.name, $0.version) })
  }

  @Test("Short of descriptors, the templates of folders stay as they were")
  func descriptors() async throws {
    let folder = try TemporaryFolder()
    #expect(mkdir(folder.file("p"), 0o700) == 0)
    for name in ["a", "b"] { try folder.write("p/\(name).jinja", Array("{{ messages[0].content }}".utf8)) }
    let daemon = try await TestDaemon(["--plugin-dir", folder.file("p")], folder: folder)
    #expect(try await templates(daemon) == ["a": 1, "b": 1])
    // No number is left for another descriptor; those that are open stay.
    func limit(_ count: Int) async throws -> Int32 {
      try await run(
        URL(fileURLWithPath: "/usr/bin/prlimit"),
        ["--pid", "\(daemon.processID)", "--nofile=\(count):4096"]
      ).status
    }
    try #require(try await limit(3) == 0)
    try await Task.sleep(for: .seconds(2))
    #expect(try await templates(daemon) == ["a": 1, "b": 1])
    #expect(try await limit(1024) == 0)
    try folder.write("p/a.jinja", Array("{{ messages[0].content }}!".utf8))
    #expect(
      try await eventually { try await templates(daemon) == ["a": 2, "b": 1] })
  }

  @Test("The user's own folder is read when it appears, presets too") func laterFolder() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await TestDaemon(folder: folder)
    #expect(try await templates(daemon).isEmpty)
    try FileManager.default.createDirectory(
      atPath: folder.file("workbench/plugins"), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    try folder.write("workbench/plugins/late.jinja", Array("{{ messages[0].content }}".utf8))
    try folder.write("workbench/plugins/late.preset.yaml", Array("top_k: 3".utf8))
    func preset() async throws -> String? {
      let presets = try await daemon.channel.unary(SamplersMethods.list, .init()).presets
      return presets.first { $0.name == "late" }?.values["top_k"]
    }
    #expect(try await eventually { try await templates(daemon)["late"] == 1 })
    #expect(try await eventually { try await preset() == "3" })
    try folder.write("workbench/plugins/late.preset.yaml", Array("top_k: 30".utf8))
    #expect(try await eventually { try await preset() == "30" })
  }

  @Test(
    "A model whose file changes is down, also when nobody asks, and comes back when it is loaded again",
    arguments: ["overwritten", "cut", "noise"])
  func model(change: String) async throws {
    let daemon = try await TestDaemon()
    let path = daemon.folder.file("m.gguf")
    try TinyModel.write(to: path) { $0.context = 8192 }
    let worker = Int32(try await daemon.load(path, name: "m").workerPid)
    let before = try await daemon.generate("m", "go on")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    switch change {
    case "cut": try file.truncate(atOffset: 100)
    case "noise":
      try file.seek(toOffset: UInt64(bytes.count / 2))
      try file.write(contentsOf: Data(repeating: 0xff, count: bytes.count / 2))
    default:
      try file.seek(toOffset: UInt64(bytes.count - 8))
      try file.write(contentsOf: Data(repeating: 1, count: 8))
    }
    try file.close()
    let error = await failure { _ = try await daemon.generate("m", "go on") }
    #expect(error?.code == .dataLoss, "\(error as Any)")
    #expect(try await eventually { try await daemon.model("m").state == .down })
    let down = try await daemon.model("m")
    #expect(down.lastFailure.contains("changed"), "\(down.lastFailure)")
    #expect(!ProcessTable.runs(worker))
    let health = try await daemon.channel.unary(HealthMethods.check, .model("m"))
    #expect(health.status == .notServing)

    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(try await daemon.load(path, name: "m").state == .ready)
    #expect(try await daemon.generate("m", "go on").ids == before.ids)
  }
}

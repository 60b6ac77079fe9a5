import Glibc
import RoleTestSupport
import Runtime
import TestSupport
import Testing

@testable import Host

@Suite struct PluginLibrariesTests {
  /// Says of each library what its name says: `plugin-kind-offer.so`.
  private struct Reader: PluginTrier {
    func tryPlugin(_ path: String) async -> PluginRecord {
      let parts = (path.split(separator: "/").last ?? "").dropLast(3).split(separator: "-").map(String.init)
      var record = PluginRecord(path: path)
      guard parts.count > 2 else {
        record.refusal = "no library"
        return record
      }
      record.name = parts[0]
      record.offers = [.init(kind: parts[1], name: parts[2], summary: "", nanoseconds: nil)]
      return record
    }
  }

  @Test(
    "Of two libraries with one name, or that offer the same, the first is kept; a built-in stage cannot be hidden"
  )
  func clashes() async throws {
    let folders = [try TemporaryFolder(), try TemporaryFolder()]
    for name in ["a-sampler-x", "b-sampler-y", "c-template-x", "notes"] {
      try folders[0].write("\(name).so", [])
    }
    for name in ["a-sampler-z", "d-sampler-y", "e-sampler-top_k", "f-tokenizer-x"] {
      try folders[1].write("\(name).so", [])
    }
    try folders[1].write("g-sampler-z.txt", [])
    let records = try await PluginLibraries.tried(
      in: folders.map { PluginFolder($0.path) }, taken: ["top_k"], by: Reader(), log: silent)
    let refusals = records.map { "\($0.path.split(separator: "/").last ?? ""): \($0.refusal ?? "accepted")" }
    #expect(
      refusals == [
        "a-sampler-x.so: accepted", "b-sampler-y.so: accepted", "c-template-x.so: accepted",
        "notes.so: no library", "a-sampler-z.so: there is already a plugin 'a'",
        "d-sampler-y.so: there is already a sampler 'y'",
        "e-sampler-top_k.so: there is already a sampler 'top_k'",
        "f-tokenizer-x.so: accepted",
      ])
    await #expect(throws: WorkbenchError.self) {
      try await PluginLibraries.tried(
        in: [PluginFolder("/nowhere")], taken: [], by: Reader(), log: silent)
    }
  }

  @Test("A default folder may be absent, and is left out when others can write to it") func defaultFolder()
    async throws
  {
    let folder = try TemporaryFolder()
    try folder.write("a-sampler-x.so", [])
    let absent = PluginFolder(folder.file("none"), isDefault: true)
    let own = PluginFolder(folder.path, isDefault: true)
    func found() async throws -> Int {
      try await PluginLibraries.tried(in: [absent, own], taken: [], by: Reader(), log: silent).count
    }
    #expect(chmod(folder.path, 0o700) == 0)
    #expect(try await found() == 1)
    #expect(chmod(folder.path, 0o722) == 0)
    #expect(try await found() == 0)
  }
}

import CWorkbenchPlugin
import Glibc
import Testing
import WorkerProtocol

@testable import Plugins

@Suite("The interface can grow") struct GrowthTests {
  /// A folder with a header; the frozen one of version 1.0 is in `Headers`.
  private static let frozen = "\(Libraries.root)/Tests/PluginsTests/Headers"

  /// A teaching plugin, built with the header of `folder`.
  private func build(_ source: String, with folder: String, as name: String) throws -> String {
    let library = "\(Libraries.folder)/\(name).so"
    let flags = ["-O1", "-shared", "-fPIC", "-I", folder, "-o", library]
    let ended = run(["/usr/bin/env", "cc"] + flags + ["\(Libraries.root)/plugins/\(source)"])
    guard ended.status == 0 else { throw CompilerError(said: ended.text) }
    return library
  }

  /// The header of this version with a field more at the end of every struct that a plugin fills in.
  private func larger(minor: Int, as name: String) throws -> String {
    let include = "\(Libraries.root)/Sources/CWorkbenchPlugin/include/workbench_plugin.h"
    var text = String(decoding: Libraries.read(include), as: UTF8.self)
    for type in ["wb_parameter", "wb_sampler", "wb_template", "wb_tokenizer", "wb_plugin"] {
      text = text.replacing("} \(type);", with: "  void (*later)(void *);\n  int64_t much_later;\n} \(type);")
    }
    text = text.replacing("#define WB_ABI_MINOR 0", with: "#define WB_ABI_MINOR \(minor)")
    let folder = "\(Libraries.folder)/\(name)"
    mkdir(folder, 0o700)
    try Libraries.write(Array(text.utf8), "\(folder)/workbench_plugin.h")
    return folder
  }

  @Test(
    "A plugin that was built with the header of version 1.0 passes its trial",
    arguments: ["teaching_sampler", "teaching_template", "teaching_tokenizer"])
  func acceptsTheFirstVersion(_ name: String) throws {
    let verdict = try trial(try build("\(name).c", with: Self.frozen, as: "\(name)_1_0"))
    #expect(verdict.refusal == nil, "\(verdict.refusal ?? "")")
  }

  @Test(
    "Structs that are larger than the host's are read as far as it knows them",
    arguments: ["teaching_sampler", "teaching_template", "teaching_tokenizer"])
  func ignoresTails(_ name: String) throws {
    let folder = try larger(minor: 0, as: "larger")
    let verdict = try trial(try build("\(name).c", with: folder, as: "\(name)_larger"))
    #expect(verdict.refusal == nil, "\(verdict.refusal ?? "")")
  }

  @Test("A plugin of a newer minor version is refused with both versions") func refusesNewer() throws {
    let folder = try larger(minor: 7, as: "newer")
    let verdict = try trial(try build("teaching_sampler.c", with: folder, as: "newer"))
    #expect(verdict.refusal == "the plugin uses interface version 1.7; this host supports 1.0")
  }

  /// A table of a later version: what it adds is optional.
  private struct Later<Table> {
    var table: Table
    var later: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
    var number: Int64
  }

  @Test("A host of a later version finds what an older plugin lacks absent") func readsOlder() throws {
    let path = try build("teaching_sampler.c", with: Self.frozen, as: "older")
    let reader = ForeignReader(path: path)
    let offer = try PluginLibrary.load(path, PluginSettings())
    let empty = Later(table: wb_sampler(), later: nil, number: 0)
    let tables = try #require(offer.samplers)
    let read = try reader.element(0, of: tables, empty, least: WB_SAMPLER_1_0, "sampler")
    #expect(read.later == nil && read.number == 0)
    #expect(read.table.name.map { String(cString: $0) } == "cooldown" && read.table.destroy != nil)
    // An array: the second element is where the older struct's size puts it.
    let parameters = try #require(read.table.parameters)
    let second = try reader.element(
      1, of: parameters, Later(table: wb_parameter(), later: nil, number: 0), least: WB_PARAMETER_1_0,
      "parameter")
    #expect(second.table.name.map { String(cString: $0) } == "window" && second.later == nil)
    #expect(second.number == 0)
  }

  @Test("The sizes of version 1.0 stay what they were") func sizes() {
    #expect(
      [WB_PLUGIN_1_0, WB_SAMPLER_1_0, WB_PARAMETER_1_0, WB_TEMPLATE_1_0, WB_TOKENIZER_1_0] == [
        72, 96, 56, 56, 88,
      ])
  }
}

import Foundation
import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Plugin libraries of a daemon", .serialized)
struct PluginTests {
  @Test(
    "the teaching plugins are accepted, listed and used by name; a library that crashes is refused with why")
  func teaching() async throws {
    let folder = try TemporaryFolder()
    for name in ["teaching_sampler", "teaching_template"] {
      try await PluginSource.compile(PluginSource.shipped(name), to: folder.file("\(name).so"))
    }
    for (name, source) in [("crash", Self.crash), ("chatter", Self.chatter)] {
      try await PluginSource.compile(
        try folder.write("\(name).c", Array(source.utf8)), to: folder.file("\(name).so"))
    }
    try folder.write(
      "tired.preset.yaml", Array("chain: [cooldown: {strength: 100, window: 64}, top_k: {top_k: 1}]".utf8))
    try folder.write("junk.so", Array("no library".utf8))
    let daemon = try await withModels(folder)
    try await expectLists(daemon)
    try await expectCooldown(daemon)
    try await expectPlay(daemon)
  }

  private static let crash = """
    #include <stdlib.h>
    #include "workbench_plugin.h"
    WB_EXPORT wb_status workbench_plugin_entry(const wb_host *host, wb_plugin *plugin) {
      (void)host, (void)plugin;
      abort();
    }
    """

  /// It fills the pipe behind its standard output.
  private static let chatter = """
    #include <unistd.h>
    #include "workbench_plugin.h"
    WB_EXPORT wb_status workbench_plugin_entry(const wb_host *host, wb_plugin *plugin) {
      (void)host, (void)plugin;
      static const char zeros[1 << 16];
      while (write(1, zeros, sizeof zeros) > 0) {}
      return WB_FAILED;
    }
    """

  /// Every library has its state with the reason, and what was accepted is offered.
  private func expectLists(_ daemon: TestDaemon) async throws {
    let plugins = try await daemon.channel.unary(PluginsMethods.list, ProtoListPluginsRequest()).plugins
    let states = Dictionary(uniqueKeysWithValues: plugins.map { ($0.path.split(separator: "/").last, $0) })
    #expect(states["teaching_sampler.so"]?.state == .accepted)
    #expect(states["teaching_template.so"]?.offers.map(\.name) == ["play"])
    #expect(states["crash.so"]?.reason.contains("SIGABRT") == true)
    #expect(states["chatter.so"]?.reason.contains("a call did not return") == true)
    #expect(states["junk.so"]?.reason.contains("ELF") == true)
    let samplers = try await daemon.channel.unary(SamplersMethods.list, ProtoListSamplersRequest()).samplers
    let cooldown = try #require(samplers.first { $0.name == "cooldown" })
    #expect(cooldown.origin == "teaching-sampler")
    #expect(cooldown.parameters.map(\.name) == ["strength", "window"])
  }

  /// The sampler works in a chain of the request and of a preset.
  private func expectCooldown(_ daemon: TestDaemon) async throws {
    // A tiny random network repeats itself; a token that rests does not come again at once.
    let plain = try await daemon.generate("m", "ab") { $0.ignoreEnd = true }
    let rested = try await daemon.generate("m", "ab") { options in
      options.ignoreEnd = true
      options.sampling.clearTemperature()
      options.sampling.chain = [
        stage("cooldown", ["strength": 100, "window": 64]), stage("top_k", ["top_k": 1]),
      ]
    }
    #expect(Set(plain.ids).count < plain.ids.count)
    #expect(Set(rested.ids).count == rested.ids.count)
    let preset = try await daemon.generate("m", "ab") { options in
      options.ignoreEnd = true
      options.sampling.clearTemperature()
      options.preset = "tired"
    }
    #expect(preset.ids == rested.ids)
  }

  /// The template works, can be hidden, and comes back.
  private func expectPlay(_ daemon: TestDaemon) async throws {
    var render = ProtoRenderTemplateRequest()
    render.model = "m"
    render.name = "play"
    render.messages = [.user("Hi")]
    let rendered = try await daemon.channel.unary(TemplatesMethods.render, render)
    #expect(rendered.text.hasSuffix("Human: Hi\nAssistant:"))

    // Another template may hide it; what a roll back brings again is the library's.
    var put = ProtoPutTemplateRequest()
    put.name = "play"
    put.source = "hidden"
    #expect(try await daemon.channel.unary(TemplatesMethods.put, put).template.version == 2)
    #expect(try await daemon.channel.unary(TemplatesMethods.render, render).text == "hidden")
    put.version = 1
    #expect(try await daemon.channel.unary(TemplatesMethods.put, put).template.version == 3)
    #expect(try await daemon.channel.unary(TemplatesMethods.render, render).text == rendered.text)
  }

  @Test("a plugin that breaks in service ends its request, or its worker; the daemon and other models go on")
  func service() async throws {
    let folder = try TemporaryFolder()
    let fuse = folder.file("fuse")
    try await PluginSource.compile(
      try folder.write("fuse.c", Array(Self.fuse.utf8)), to: folder.file("fuse.so"),
      ["-DFUSE=\"\(fuse)\""])
    let daemon = try await withModels(folder)
    let undisturbed = try await daemon.generate("other", "ab", Self.long)
    #expect(try await fused(daemon).ids.count == 16)
    let worker = try await daemon.model("m").workerPid

    try await expectFaults(daemon, fuse, worker: worker)
    try await expectDeaths(daemon, fuse, undisturbed: undisturbed.ids)
    try await expectQuarantine(daemon)
    #expect(daemon.isRunning)
    #expect(try await daemon.status().pid == Int64(daemon.processID))
    #expect(try await daemon.model("m").workerPid != worker)
  }

  /// Answers of 64 tokens, whatever they are.
  private static let long: @Sendable (inout ProtoGenerationOptions) -> Void = {
    $0.maxTokens = 64
    $0.ignoreEnd = true
  }

  /// Three faults end their requests and then disable the plugin in the model, until it is loaded again.
  private func expectFaults(_ daemon: TestDaemon, _ fuse: String, worker: Int64) async throws {
    for (kind, words) in [("error", "on purpose"), ("nan", "not a number"), ("none", "candidates")] {
      try Self.light(fuse, kind)
      let error = await failure { _ = try await fused(daemon) }
      #expect(error?.code == .internal && error?.message.contains("fuse") == true, "\(error?.message ?? "")")
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
    // The third fault was the last: it is not called any more, and the model is still there.
    try FileManager.default.removeItem(atPath: fuse)
    #expect(await failure { _ = try await fused(daemon) }?.message.contains("is disabled") == true)
    let disabled = try #require(try await offer("fuse", daemon))
    #expect(disabled.faults == 3 && disabled.disabledIn == ["m"] && disabled.lastFault.contains("candidates"))
    #expect(disabled.calls > 16 && disabled.meanNanoseconds > 0)
    #expect(try await daemon.generate("m", "ab").ids.count == 16)
    #expect(try await daemon.model("m").workerPid == worker)
    var unload = ProtoUnloadModelRequest()
    unload.name = "m"
    _ = try await daemon.channel.unary(ModelsMethods.unload, unload)
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m")
    #expect(try await offer("fuse", daemon)?.disabledIn == [])
  }

  /// Three deaths end the worker only; an answer of another model is as it is without them.
  private func expectDeaths(_ daemon: TestDaemon, _ fuse: String, undisturbed: [UInt32]) async throws {
    for (kind, how) in [("segv", "SIGSEGV"), ("abort", "SIGABRT"), ("exit", "status 3")] {
      let beside = Task { try await daemon.generate("other", "ab", Self.long) }
      try Self.light(fuse, kind)
      let error = await failure { _ = try await fused(daemon) }
      #expect(error?.code == .unavailable, "\(kind): \(error?.message ?? "")")
      #expect(error?.message.contains("while calling the plugin \(fuse).so") == true)
      #expect(try await beside.value.ids == undisturbed)
      try FileManager.default.removeItem(atPath: fuse)
      let again = try await eventually {
        ((try? await daemon.generate("m", "ab"))?.ids.count ?? 0) == 16
      }
      #expect(again, "\(kind): the model is not back")
      #expect(try await daemon.model("m").lastFailure.contains(how))
    }
  }

  /// The third worker was one too many: the plugin is gone for every model.
  private func expectQuarantine(_ daemon: TestDaemon) async throws {
    let plugins = try await daemon.channel.unary(PluginsMethods.list, ProtoListPluginsRequest()).plugins
    #expect(plugins.map(\.state) == [.quarantined] && plugins[0].deaths == 3)
    #expect(plugins[0].reason.contains("3 workers") && plugins[0].reason.contains("status 3"))
    for model in ["m", "other"] {
      let error = await failure { _ = try await fused(daemon, model) }
      #expect(error?.code == .failedPrecondition)
      #expect(
        error?.message.contains("'fuse' belongs to the plugin 'fuse-plugin', which is quarantined") == true)
    }
    let samplers = try await daemon.channel.unary(SamplersMethods.list, ProtoListSamplersRequest()).samplers
    #expect(!samplers.contains { $0.name == "fuse" })
  }

  @Test(
    "a library that ends the worker which opens it is in quarantine at once, and the model loads without it")
  func opening() async throws {
    let folder = try TemporaryFolder()
    for name in ["bad", "good"] {
      let trap = folder.file("\(name).trap")
      let source = Self.fuse.replacing("\"fuse\"", with: "\"\(name)\"").replacing("fuse-plugin", with: name)
        .replacing("(void)host;", with: "(void)host; if (!access(\"\(trap)\", F_OK)) { abort(); }")
      try await PluginSource.compile(
        try folder.write("\(name).c", Array("#include <unistd.h>\n\(source)".utf8)),
        to: folder.file("\(name).so"), ["-DFUSE=\"/none\""])
    }
    let daemon = try await TestDaemon(["--plugin-dir", folder.path])
    try folder.write("bad.trap", [])
    try TinyModel.write(to: daemon.folder.file("m.gguf")) { $0.context = 512 }
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m")
    let plugins = try await daemon.channel.unary(PluginsMethods.list, ProtoListPluginsRequest()).plugins
    #expect(plugins.map(\.state) == [.quarantined, .accepted])
    #expect(plugins[0].reason.contains("a worker was ended by signal 6 (SIGABRT) while opening it"))
    #expect(try await daemon.model("m").restarts == 0)
    let answer = try await daemon.generate("m", "ab") { options in
      options.sampling.clearTemperature()
      options.sampling.chain = [stage("good", [:]), stage("top_k", ["top_k": 1])]
    }
    #expect(answer.finish != nil)
  }

  // MARK: -

  /// Says how the library is not to behave: by a link, since in its sandbox it reads no file.
  private static func light(_ fuse: String, _ kind: String) throws {
    unlink(fuse)
    try FileManager.default.createSymbolicLink(atPath: fuse, withDestinationPath: kind)
  }

  /// Behaves until a link says how not to.
  private static let fuse = """
    #include <math.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <unistd.h>
    #include "workbench_plugin.h"
    static wb_status create(
        void *context, const wb_sampler_setup *setup, void **instance, char *error, size_t capacity) {
      (void)context, (void)setup, (void)error, (void)capacity;
      *instance = malloc(1);
      return *instance ? WB_OK : WB_OUT_OF_MEMORY;
    }
    static wb_status apply(void *instance, wb_candidates *candidates, char *error, size_t capacity) {
      (void)instance;
      char kind[16] = {0};
      if (readlink(FUSE, kind, 15) < 0) { return WB_OK; }
      if (!strcmp(kind, "error")) {
        snprintf(error, capacity, "on purpose");
        return WB_FAILED;
      }
      if (!strcmp(kind, "nan")) { candidates->logits[0] = NAN; }
      if (!strcmp(kind, "none")) { candidates->count = 0; }
      if (!strcmp(kind, "segv")) { *(volatile int *)8 = 1; }
      if (!strcmp(kind, "abort")) { abort(); }
      if (!strcmp(kind, "exit")) { _Exit(3); }
      return WB_OK;
    }
    static const wb_sampler samplers[] = {{
        .header = WB_HEADER(wb_sampler), .name = "fuse", .summary = "Breaks when it is told to.", .create = create,
        .apply = apply, .destroy = free,
    }};
    WB_EXPORT wb_status workbench_plugin_entry(const wb_host *host, wb_plugin *plugin) {
      (void)host;
      *plugin = (wb_plugin){.header = WB_HEADER(wb_plugin), .name = "fuse-plugin", .version = "1.0.0",
                            .summary = "A test.", .samplers = samplers, .sampler_count = 1};
      return WB_OK;
    }
    """

  private func offer(_ name: String, _ daemon: TestDaemon) async throws -> ProtoPluginOffer? {
    try await daemon.channel.unary(PluginsMethods.list, ProtoListPluginsRequest()).plugins
      .flatMap(\.offers).first { $0.name == name }
  }

  private func fused(_ daemon: TestDaemon, _ model: String = "m") async throws -> Completion {
    try await daemon.generate(model, "ab") { options in
      options.ignoreEnd = true
      options.sampling.clearTemperature()
      options.sampling.chain = [stage("fuse", [:]), stage("top_k", ["top_k": 1])]
    }
  }

  private func stage(_ name: String, _ parameters: [String: Double]) -> ProtoSamplerStage {
    var stage = ProtoSamplerStage()
    stage.name = name
    stage.parameters = parameters
    return stage
  }

  private func withModels(_ plugins: TemporaryFolder) async throws -> TestDaemon {
    let daemon = try await TestDaemon(["--plugin-dir", plugins.path])
    try TinyModel.write(to: daemon.folder.file("m.gguf")) { $0.context = 512 }
    for name in ["m", "other"] { try await daemon.load(daemon.folder.file("m.gguf"), name: name) }
    return daemon
  }
}

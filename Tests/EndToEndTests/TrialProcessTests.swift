import Foundation
import Glibc
import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("The processes of plugin trials, and what plugins leave running", .serialized)
struct TrialProcessTests {
  /// Starts a helper when a file says so, and writes its process id to another.
  private static let forking = """
    #include <stdio.h>
    #include <unistd.h>
    #include "workbench_plugin.h"
    static void help(void) {
      if (access(PLACE ".go", F_OK) != 0 || fork() != 0) { return; }
      setsid();
      if (fork() != 0) { _exit(0); }
      FILE *file = fopen(PLACE ".pid.part", "w");
      if (file) {
        fprintf(file, "%d\\n", (int)getpid());
        fclose(file);
      }
      rename(PLACE ".pid.part", PLACE ".pid");
      for (;;) { pause(); }
    }
    static wb_status create(
        void *context, const wb_sampler_setup *setup, void **instance, char *error, size_t capacity) {
      (void)context, (void)setup, (void)instance, (void)error, (void)capacity;
      return WB_OK;
    }
    static wb_status apply(void *instance, wb_candidates *candidates, char *error, size_t capacity) {
      (void)instance, (void)candidates, (void)error, (void)capacity;
      help();
      return WB_OK;
    }
    static void destroy(void *instance) { (void)instance; }
    static const wb_sampler samplers[] = {{
        .header = WB_HEADER(wb_sampler), .name = "forking", .summary = "Forks.", .create = create,
        .apply = apply, .destroy = destroy,
    }};
    WB_EXPORT wb_status workbench_plugin_entry(const wb_host *host, wb_plugin *plugin) {
      (void)host;
      if (access(PLACE ".hang", F_OK) == 0) {
        FILE *file = fopen(PLACE ".began", "w");
        if (file) { fclose(file); }
        for (;;) { pause(); }
      }
      help();
      *plugin = (wb_plugin){.header = WB_HEADER(wb_plugin), .name = "forking", .version = "1",
                            .summary = "Forks.", .samplers = samplers, .sampler_count = 1};
      return WB_OK;
    }
    """

  private func build(_ folder: TemporaryFolder, _ name: String) async throws {
    let source = try folder.write("\(name).c", Array(Self.forking.utf8))
    try await PluginSource.compile(
      source, to: folder.file("\(name).so"), ["-DPLACE=\"\(folder.file(name))\""])
  }

  private func helper(_ folder: TemporaryFolder) async throws -> Int32 {
    let path = folder.file("p.pid")
    while access(path, F_OK) != 0 { try await Task.sleep(for: .milliseconds(10)) }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  private func ends(_ process: Int32) async throws {
    while ProcessTable.runs(process) { try await Task.sleep(for: .milliseconds(10)) }
  }

  @Test("a library that leaves a helper is refused, the helper ends, and the daemon listens") func helper()
    async throws
  {
    let folder = try TemporaryFolder()
    try await build(folder, "p")
    try folder.write("p.go", [])
    let daemon = try await TestDaemon(["--plugin-dir", folder.path])
    let plugins = try await daemon.channel.unary(PluginsMethods.list, ProtoListPluginsRequest()).plugins
    #expect(plugins.map(\.state) == [.refused])
    #expect(plugins.first?.reason.contains("running") == true, "\(plugins.first?.reason ?? "")")
    try await ends(try await helper(folder))
  }

  @Test(
    "a helper that a plugin starts in a worker ends with the worker, and keeps no stream open",
    arguments: [SIGKILL, 0])
  func inService(_ signal: Int32) async throws {
    let folder = try TemporaryFolder()
    try await build(folder, "p")
    let daemon = try await TestDaemon(["--plugin-dir", folder.path])
    try TinyModel.write(to: daemon.folder.file("m.gguf")) { $0.context = 4096 }
    let worker = Int32(try await daemon.load(daemon.folder.file("m.gguf"), name: "m").workerPid)
    try folder.write("p.go", [])
    let stream = Task {
      try await daemon.generate("m", "ab") { options in
        options.ignoreEnd = true
        options.maxTokens = 4000
        options.sampling.clearTemperature()
        var stage = ProtoSamplerStage()
        stage.name = "forking"
        options.sampling.chain = [stage]
      }
    }
    let helper = try await helper(folder)
    // One helper is enough.
    try FileManager.default.removeItem(atPath: folder.file("p.go"))
    if signal == SIGKILL { kill(worker, SIGKILL) } else { daemon.send(SIGKILL) }
    await #expect(throws: RPCError.self) { try await stream.value }
    try await ends(helper)
    try await ends(worker)
  }

  @Test("SIGTERM during trials that hang ends the daemon without waiting for them", arguments: [1, 2])
  func terminated(_ signals: Int) async throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b", "c", "d"] {
      try await build(folder, name)
      try folder.write("\(name).hang", [])
    }
    let process = Process()
    process.executableURL = Products.url("workbenchd")
    process.arguments = [
      "--socket", folder.file("d.sock"), "--log-level", "error", "--plugin-dir", folder.path,
    ]
    process.standardInput = FileHandle.nullDevice
    process.environment = ProcessInfo.processInfo.environment.merging(["XDG_DATA_HOME": folder.path]) { $1 }
    try process.run()
    while access(folder.file("a.began"), F_OK) != 0 || access(folder.file("b.began"), F_OK) != 0 {
      try await Task.sleep(for: .milliseconds(10))
    }
    let trials = ProcessTable.children(of: process.processIdentifier)
    let libraries = trials.flatMap { ProcessTable.children(of: $0) }
    #expect(trials.count == 2 && libraries.count == 2)
    for _ in 0..<signals { kill(process.processIdentifier, SIGTERM) }
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        process.waitUntilExit()
        continuation.resume()
      }
    }
    for process in trials + libraries { try await ends(process) }
    // Neither the time of these trials was waited for, nor did the next ones begin.
    #expect(access(folder.file("c.began"), F_OK) != 0 && access(folder.file("d.began"), F_OK) != 0)
  }
}

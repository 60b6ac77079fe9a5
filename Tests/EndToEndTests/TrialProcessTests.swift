import Foundation
import Glibc
import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("The processes of plugin trials, and what plugins leave running", .serialized)
struct TrialProcessTests {
  /// Starts a helper when a file says so, and notes its process id; hangs when another file says so.
  ///
  /// A note is an attempt to write a file of that name, which the sandbox refuses and the daemon's log tells.
  private static let forking = """
    #include <stdio.h>
    #include <unistd.h>
    #include "workbench_plugin.h"
    static void note(const char *what, int number) {
      char path[1000];
      snprintf(path, sizeof path, "%s.%s.%d", PLACE, what, number);
      FILE *file = fopen(path, "w");
      if (file) { fclose(file); }
    }
    static void help(void) {
      if (access(PLACE ".go", F_OK) != 0 || fork() != 0) { return; }
      setsid();
      if (fork() != 0) { _exit(0); }
      note("pid", (int)getpid());
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
        note("began", 1);
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

  /// The numbers with which the library `name` has noted `what`.
  private func notes(_ folder: TemporaryFolder, _ name: String, _ what: String) throws -> [Int32] {
    let log = try String(contentsOfFile: folder.file("log"), encoding: .utf8)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let place = "/\(name).\(what)."
    return ([log] + files.map { "/" + $0 }).flatMap { text in
      text.components(separatedBy: place).dropFirst().compactMap { Int32($0.prefix { $0.isNumber }) }
    }
  }

  /// The first note, once there is one.
  private func note(_ folder: TemporaryFolder, _ name: String, _ what: String) async throws -> Int32 {
    while true {
      if let note = try notes(folder, name, what).first { return note }
      try await Task.sleep(for: .milliseconds(10))
    }
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
    let daemon = try await TestDaemon(
      ["--plugin-dir", folder.path, "--log-level", "warning"], log: folder.file("log"))
    let plugins = try await daemon.channel.unary(PluginsMethods.list, ProtoListPluginsRequest()).plugins
    #expect(plugins.map(\.state) == [.refused])
    #expect(plugins.first?.reason.contains("running") == true, "\(plugins.first?.reason ?? "")")
    try await ends(try await note(folder, "p", "pid"))
  }

  @Test(
    "a helper that a plugin starts in a worker ends with the worker, and keeps no stream open",
    arguments: [SIGKILL, 0])
  func inService(_ signal: Int32) async throws {
    let folder = try TemporaryFolder()
    try await build(folder, "p")
    let daemon = try await TestDaemon(
      ["--plugin-dir", folder.path, "--log-level", "warning"], log: folder.file("log"))
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
    let helper = try await note(folder, "p", "pid")
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
      "--socket", folder.file("d.sock"), "--log-level", "warning", "--plugin-dir", folder.path,
    ]
    process.standardInput = FileHandle.nullDevice
    process.environment = ProcessInfo.processInfo.environment.merging([
      "XDG_DATA_HOME": folder.path, "XDG_STATE_HOME": folder.path,
    ]) { $1 }
    try folder.write("log", [])
    process.standardError = FileHandle(forWritingAtPath: folder.file("log"))
    try process.run()
    for name in ["a", "b"] { _ = try await note(folder, name, "began") }
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
    for name in ["c", "d"] { #expect(try notes(folder, name, "began").isEmpty) }
  }
}

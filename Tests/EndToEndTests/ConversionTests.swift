import Foundation
import Glibc
import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Conversions of model files", .serialized)
struct ConversionTests {
  @Test("A converted model answers as the original does, and one quantised while loading as its file")
  func answers() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await TestDaemon(folder: folder)
    try TinyModel.write(to: folder.file("m.gguf"))
    for type in ["f32", "f16", "q8_0", "q4_0", "q4_k"] {
      let output = folder.file("\(type).gguf")
      try await convert(daemon, to: output, type: type)
      _ = try await daemon.load(output, name: type)
      #expect(try await daemon.generate(type, "Hello").ids.count == 16)
    }
    _ = try await daemon.load(folder.file("m.gguf"), name: "m")
    #expect(try await daemon.generate("f32", "Hello").ids == daemon.generate("m", "Hello").ids)
    let model = try await daemon.load(folder.file("m.gguf"), name: "quantised") { $0.quantize = "q8_0" }
    #expect(model.quantization == "Q8_0" && model.quantizedFrom == "F32")
    let unknown = await failure {
      _ = try await daemon.load(folder.file("m.gguf"), name: "x") { $0.quantize = "f16" }
    }
    #expect(unknown?.code == .invalidArgument && unknown?.message.contains("quantize") == true)
  }

  @Test("A full disk is an error, and leaves neither a file nor a daemon without its life")
  func fullDisk() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await TestDaemon(folder: folder)
    try TinyModel.write(to: folder.file("m.gguf"))
    // The limit of a process stands for that of a disk.
    func limit(_ bytes: String) async throws {
      let prlimit = URL(fileURLWithPath: "/usr/bin/prlimit")
      let status = try await run(prlimit, ["--pid", "\(daemon.processID)", "--fsize=\(bytes)"]).status
      try #require(status == 0)
    }
    try await limit("65536:unlimited")
    let full = await failure { try await convert(daemon, to: folder.file("new.gguf"), type: "f32") }
    #expect(full?.code == .resourceExhausted && full?.message.contains("cannot write") == true)
    #expect(try models(in: folder) == ["m.gguf"])
    try await limit("unlimited")
    try await convert(daemon, to: folder.file("new.gguf"), type: "f32")
    #expect(try models(in: folder) == ["m.gguf", "new.gguf"])
  }

  @Test("A worker that is killed while it converts leaves nothing behind")
  func killedWorker() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await TestDaemon(folder: folder)
    var large = TinyModel()
    large.vocabulary = 20_000
    try large.write(to: folder.file("m.gguf"))
    let conversion = Task {
      await failure { try await convert(daemon, to: folder.file("new.gguf"), type: "f32") }
    }
    // It is killed as soon as it writes, unless it is done before.
    _ = try await eventually {
      guard try isWriting(daemon), let worker = ProcessTable.children(of: daemon.processID).first else {
        return try models(in: folder).contains("new.gguf")
      }
      return kill(worker, SIGKILL) == 0
    }
    let error = await conversion.value
    if try models(in: folder) == ["m.gguf"] { #expect(error?.code == .unavailable) }
    #expect(try await eventually { try !isWriting(daemon) })
    try await convert(daemon, to: folder.file("again.gguf"), type: "q8_0")
  }

  @Test("A client that goes away ends the conversion, and nothing is left of it")
  func cancelled() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await TestDaemon(folder: folder)
    var large = TinyModel()
    large.vocabulary = 20_000
    try large.write(to: folder.file("m.gguf"))
    let conversion = Task { try await convert(daemon, to: folder.file("new.gguf"), type: "f32") }
    #expect(
      try await eventually { try isWriting(daemon) || models(in: folder).count > 1 })
    conversion.cancel()
    _ = await conversion.result
    // The file is either given up or, if the client was too late, complete.
    #expect(try await eventually { try !isWriting(daemon) })
    #expect(
      try await eventually { ProcessTable.children(of: daemon.processID).isEmpty })
  }

  private func convert(_ daemon: TestDaemon, to output: String, type: String) async throws {
    var request = ProtoConvertModelRequest()
    request.path = daemon.folder.file("m.gguf")
    request.output = output
    request.type = type
    var result: ProtoConvertedModel?
    for try await response in try await daemon.channel.serverStreaming(ModelsMethods.convert, request) {
      if case .result(let converted) = response.event { result = converted }
    }
    #expect(result?.output == output)
  }

  private func models(in folder: TemporaryFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".gguf") }.sorted()
  }

  /// Whether the daemon has a file open in its folder that has no name yet.
  private func isWriting(_ daemon: TestDaemon) throws -> Bool {
    let links = "/proc/\(daemon.processID)/fd"
    return try FileManager.default.contentsOfDirectory(atPath: links).contains { link in
      let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(links)/\(link)")
      return target?.hasPrefix(daemon.folder.path) == true && target?.hasSuffix("(deleted)") == true
    }
  }
}
